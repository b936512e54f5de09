"""Why OpenVINO does not run a model, where another library can."""


class CannotRun(Exception):
    """OpenVINO cannot run the model; the message is a clause that says why."""
