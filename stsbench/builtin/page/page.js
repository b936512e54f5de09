"use strict";
(() => {
  const table = document.getElementById("systems");
  const body = table.tBodies[0];
  const rest = document.getElementById("rest");
  const rows = [...body.rows, ...(rest ? rest.content.querySelectorAll("tr") : [])];
  const atOnce = Number(table.dataset.atOnce);
  const search = document.getElementById("search");
  const encoder = document.getElementById("encoder");
  const similarity = document.getElementById("similarity");
  const count = document.getElementById("count");
  const longer = document.getElementById("longer");
  const heads = [...table.tHead.rows[0].cells];
  const card = document.getElementById("card");
  const copy = document.getElementById("copy");
  const texts = new Map();
  let ordered = rows;
  let chosen = rows;
  let shown = atOnce;

  const words = (row) => {
    if (!texts.has(row)) texts.set(row, [row.cells[0], ...row.querySelectorAll(".origin")].map((cell) => cell.textContent).join(" ").toLowerCase());
    return texts.get(row);
  };

  const draw = () => {
    body.replaceChildren(...chosen.slice(0, shown));
    const all = rows.length.toLocaleString("en");
    count.textContent = chosen.length === rows.length ? `${all} systems` : `${chosen.length.toLocaleString("en")} of ${all} systems`;
    longer.hidden = chosen.length <= shown;
  };

  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const one = similarity.value;
    chosen = ordered.filter((row) =>
      (one === "" || (one === "p" ? row.dataset.p === "1" : row.dataset.s === one)) &&
      (encoder.value === "" || row.dataset.e === encoder.value) &&
      wanted.every((word) => words(row).includes(word)));
    shown = atOnce;
    draw();
  };

  const sort = (place) => {
    const head = heads[place];
    const number = head.dataset.kind === "number";
    const before = head.getAttribute("aria-sort");
    const falls = before ? before === "ascending" : number && head.textContent !== "Rank" && head.textContent !== "Rank set";
    const keyed = rows.map((row, at) => {
      const cell = row.cells[place];
      const text = place ? cell.dataset.v || "" : cell.querySelector("button").textContent;
      return { row, at, empty: text === "", key: number ? Number(text) : text.toLowerCase() };
    });
    const sign = falls ? -1 : 1;
    keyed.sort((a, b) => a.empty - b.empty || (a.key < b.key ? -sign : a.key > b.key ? sign : a.at - b.at));
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    ordered = keyed.map((one) => one.row);
    filter();
  };

  const add = (list, name, text) => {
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    term.textContent = name;
    told.textContent = text;
    list.append(term, told);
  };

  const open = (row) => {
    const list = card.querySelector("dl");
    list.replaceChildren();
    document.getElementById("card-name").textContent = row.cells[0].querySelector("button").textContent;
    document.getElementById("card-link").href = `#${row.id}`;
    const flags = [...row.cells[0].querySelectorAll("i")].map((flag) => flag.textContent);
    if (flags.length) add(list, "Flags", flags.join(", "));
    for (let place = 1; place < heads.length; place++) {
      const told = [...row.cells[place].querySelectorAll("small")].map((one) => one.textContent).join("; ");
      const figure = [...row.cells[place].querySelectorAll("span, sup")].map((one) => one.textContent).join(" ");
      add(list, heads[place].textContent, figure + (told ? ` (${told})` : ""));
    }
    list.append(...[...row.cells[0].querySelector("dl").children].map((node) => node.cloneNode(true)));
    copy.textContent = "Copy these figures";
    if (!card.open) card.showModal();
    card.scrollTop = 0;
  };

  const copied = async () => {
    const terms = [...card.querySelectorAll("dt")].map((term) => `${term.textContent}\t${term.nextElementSibling.textContent}`);
    try {
      await navigator.clipboard.writeText([`System\t${document.getElementById("card-name").textContent}`, ...terms].join("\n"));
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(card.querySelector("dl"));
      copy.textContent = "Selected: copy with the keyboard";
    }
  };

  const follow = () => {
    const row = rows.find((one) => `#${one.id}` === location.hash);
    if (row) open(row);
  };

  heads.forEach((head, place) => head.firstElementChild.addEventListener("click", () => sort(place)));
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (button) open(button.closest("tr"));
  });
  document.querySelector("form.controls").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", filter);
  for (const select of [encoder, similarity]) select.addEventListener("change", filter);
  for (const radio of document.querySelectorAll("input[name=view]")) {
    radio.addEventListener("change", () => { table.dataset.view = radio.value; });
  }
  longer.addEventListener("click", () => { shown += atOnce; draw(); });
  copy.addEventListener("click", copied);
  card.addEventListener("click", (event) => { if (event.target === card) card.close(); });
  addEventListener("hashchange", follow);
  if (!rows.some((row) => row.dataset.p)) similarity.value = "";
  filter();
  follow();
})();
