"""What is known of models by name, as data: how their authors run them, what others measured, and the prompts that mteb gives them."""
