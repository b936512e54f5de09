"use strict";
(() => {
  const known = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const values = new Map();  // what was said, by item: a number, or null for a pair that was passed over
  const buttons = known.values.map((value) => {
    const button = document.createElement("button");
    const number = document.createElement("b");
    const words = document.createElement("span");
    number.textContent = value;
    words.textContent = known.meanings[value - known.values[0]];
    button.append(number, words);
    button.addEventListener("click", () => say(value));
    at("values").append(button);
    return button;
  });
  let place = 0;
  let rater = "";
  let unsaved = false;

  const show = (id) => ["start", "rating", "end"].forEach((name) => { at(name).hidden = name !== id; });
  const rated = () => [...values.values()].filter((value) => value !== null).length;
  const tell = () => {
    at("progress").max = known.items.length;
    at("progress").value = values.size;
    at("told").textContent = `${values.size} of ${known.items.length} done${values.size > rated() ? `, ${values.size - rated()} skipped` : ""}`;
  };

  const draw = () => {
    tell();
    at("saved").textContent = "";
    if (place >= known.items.length) {
      at("done").textContent = `Done: ${rated()} of ${known.items.length} pairs rated`;
      show("end");
      at("save-all").focus();
      return;
    }
    const item = known.items[place];
    at("left").textContent = item.texts[0];
    at("right").textContent = item.texts[1];
    at("left").scrollTop = at("right").scrollTop = 0;
    buttons.forEach((button, number) => {
      button.setAttribute("aria-pressed", String(values.get(item.item) === known.values[number]));
    });
    at("undo").disabled = place === 0;
    show("rating");
  };

  const say = (value) => {
    values.set(known.items[place].item, value);
    unsaved = true;
    place += 1;
    if (document.activeElement) document.activeElement.blur();  // or Space would say the same of the next pair
    draw();
  };

  const undo = () => {
    if (place === 0) return;
    place -= 1;
    values.delete(known.items[place].item);
    unsaved = true;
    draw();
  };

  const save = () => {
    const labels = known.items.filter((item) => values.has(item.item)).map((item) => ({ item: item.item, value: values.get(item.item) }));
    const saved = { form: known.form, version: known.version, job: known.job, round: known.round, rater, labels };
    const link = document.createElement("a");
    const word = rater.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase();
    link.download = `labels-${known.round}-${word || "rater"}.json`;
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(saved, null, 1)}\n`], { type: "application/json" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    unsaved = false;
    at("saved").textContent = `Saved as ${link.download}, where your browser keeps what it downloads.`;
  };

  const begin = () => {
    place = known.items.findIndex((item) => !values.has(item.item));
    if (place < 0) place = known.items.length;
    draw();
  };

  const goOn = (text) => {
    let saved;
    try { saved = JSON.parse(text); } catch (error) { return "This is no file that this page saved."; }
    if (!saved || saved.form !== known.form || !Array.isArray(saved.labels)) return "This is no file that this page saved.";
    if (saved.job !== known.job || saved.round !== known.round) return "This file is of another page.";
    const items = new Set(known.items.map((item) => item.item));
    for (const label of saved.labels) {
      if (items.has(label.item) && (label.value === null || known.values.includes(label.value))) values.set(label.item, label.value);
    }
    rater = String(saved.rater || "").slice(0, 40);
    at("rater").value = rater;
    return rater ? "" : "This file has no name in it; write yours.";
  };

  at("who").addEventListener("submit", (event) => {
    event.preventDefault();
    rater = at("rater").value.trim().replace(/\s+/g, " ");
    if (rater) begin();
  });
  at("earlier").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    at("wrong").textContent = file.size > 5e6 ? "This is no file that this page saved." : goOn(await file.text());
    if (!at("wrong").textContent) begin();
  });
  at("undo").addEventListener("click", undo);
  at("back").addEventListener("click", undo);
  at("pass").addEventListener("click", () => say(null));
  at("save").addEventListener("click", save);
  at("save-all").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !at("start").hidden) return;
    const key = event.key.toLowerCase();
    if (key === "u" || key === "backspace") { event.preventDefault(); undo(); return; }
    if (at("rating").hidden) return;
    const number = known.values.findIndex((value) => String(value) === key);
    if (number >= 0) say(known.values[number]);
    else if (key === "s") say(null);
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  tell();
  at("rater").focus();
})();
