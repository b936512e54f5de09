"use strict";
(() => {
  const table = document.getElementById("systems");
  const body = table.tBodies[0];
  const rest = document.getElementById("rest");
  const rows = [...body.rows, ...(rest ? rest.content.querySelectorAll("tr") : [])];
  const atOnce = Number(table.dataset.atOnce);
  const heads = [...table.tHead.rows[0].cells];
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const longer = document.getElementById("longer");
  const card = document.getElementById("card");
  const copy = document.getElementById("copy");
  const which = heads.flatMap((head, place) => (head.classList.contains("which") ? [place] : []));
  const radios = (name) => [...document.querySelectorAll(`input[name=${name}]`)];
  const number = (value) => value.toLocaleString("en");
  const heading = (place) => heads[place].dataset.title;
  const usual = {
    q: "", rows: "models", view: table.dataset.view, open: "",
    sort: String(Math.max(0, heads.findIndex((head) => head.hasAttribute("aria-sort")))), way: "",
  };
  const state = { ...usual };
  const LONGEST = 3;  // published rows in a run that are not folded into one line
  let shown = atOnce;

  // A model with its variants, or what others published: a line of the table that is opened as one.
  const groups = new Map();
  for (const row of rows) {
    if (row.classList.contains("variant")) groups.get(row.dataset.m).variants.push(row);
    else groups.set(row.dataset.m, { row, variants: [] });
  }
  const published = (row) => row.classList.contains("published");
  const variant = (row) => row.classList.contains("variant");
  const key = (row) => row.id.slice(2);
  const opened = () => new Set(state.open.split(",").filter(Boolean));

  const texts = new Map();
  const words = (row) => {
    if (!texts.has(row)) {
      const told = [row.cells[1].querySelector(".who"), ...row.querySelectorAll(".which, .origin")];
      texts.set(row, told.map((cell) => cell.textContent).join(" ").toLowerCase());
    }
    return texts.get(row);
  };

  const rising = () => {
    const head = heads[state.sort];
    const first = head.dataset.kind !== "number" || /^Rank/.test(head.dataset.title);
    return state.way ? state.way === "up" : first;
  };

  const sorted = (lines) => {
    const usually = state.sort === usual.sort && !state.way;
    if (usually && state.rows !== "systems") return lines;
    const isNumber = heads[state.sort].dataset.kind === "number";
    const sign = rising() ? 1 : -1;
    const keyed = lines.map((line, at) => {
      const text = (line.row || line).cells[state.sort].dataset.v || "";
      return { line, at, empty: text === "", key: isNumber ? Number(text) : text.toLowerCase() };
    });
    keyed.sort((a, b) => a.empty - b.empty || (a.key < b.key ? -sign : a.key > b.key ? sign : a.at - b.at));
    return keyed.map((one) => one.line);
  };

  // A long run of published rows is one line, which opens; where it begins the table, its first three stand before it.
  const fold = (run, open) => {
    const row = document.createElement("tr");
    row.className = "fold";
    const cell = row.appendChild(document.createElement("td"));
    cell.colSpan = heads.length;
    const button = cell.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset.open = key(run[0]);
    button.setAttribute("aria-expanded", String(open));
    const place = heads[state.sort].dataset.kind === "number" ? state.sort : usual.sort;
    const ends = [run[0], run.at(-1)].map((one) => one.cells[place].querySelector("span")?.textContent).filter(Boolean);
    button.textContent = [`${number(run.length)} published by others`, ends.join(" to ")].filter(Boolean).join(", ");
    return row;
  };

  // What is shown of the rows that are asked for: `data` are these rows, `drawn` the lines of the table.
  const lines = () => {
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => wanted.every((word) => words(row).includes(word));
    if (state.rows === "systems") {
      const every = rows.filter((row) => !published(row));
      const data = sorted(every.filter(fits));
      return { data, drawn: data, found: data.length, among: every.length };
    }
    const open = opened();
    const every = [...groups.values()].filter((group) => state.rows !== "measured" || !published(group.row));
    const chosen = sorted(every.filter((group) => fits(group.row) || group.variants.some(fits)));
    const parts = [];
    const data = [];
    for (const { row, variants } of chosen) {
      const inside = sorted(variants.filter(fits));
      data.push(row, ...inside);
      if (published(row) && !wanted.length) {
        if (Array.isArray(parts.at(-1))) parts.at(-1).push(row);
        else parts.push([row]);
        continue;
      }
      const wide = open.has(key(row)) || !fits(row);
      row.querySelector("button.open")?.setAttribute("aria-expanded", String(wide));
      parts.push(row, ...(wide ? inside : []));
    }
    const drawn = parts.flatMap((part, at) => {
      if (!Array.isArray(part)) return [part];
      const run = at ? part : part.slice(LONGEST);
      if (run.length <= LONGEST) return part;
      const wide = open.has(key(run[0]));
      return [...part.slice(0, part.length - run.length), fold(run, wide), ...(wide ? run : [])];
    });
    return { data, drawn, found: chosen.length, among: every.length };
  };

  // A column that tells no model in view from another is hidden, unless all are asked for: variants say in brief what they differ by.
  const idle = (place, drawn) => {
    const every = drawn.filter((row) => state.rows === "systems" || !variant(row));
    return new Set(every.map((row) => row.cells[place]?.dataset.v).filter(Boolean)).size < (state.rows === "systems" ? 1 : 2);
  };

  const draw = () => {
    const { drawn, found, among } = lines();
    body.replaceChildren(...drawn.slice(0, shown));
    const noun = (state.rows === "systems" ? "system" : "model") + (among === 1 ? "" : "s");
    count.textContent = found === among ? `${number(found)} ${noun}` : `${number(found)} of ${number(among)} ${noun}`;
    longer.hidden = drawn.length <= shown;
    table.dataset.view = state.view;
    table.dataset.rows = state.rows;
    table.dataset.empty = which.filter((place) => state.view !== "all" && idle(place, drawn)).join(" ");
    table.classList.add("live");
    search.value = state.q;
    for (const radio of [...radios("rows"), ...radios("view")]) radio.checked = state[radio.name] === radio.value;
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[state.sort].setAttribute("aria-sort", rising() ? "ascending" : "descending");
  };

  // What the reader chose stands behind the # of the address, by the titles of columns; what is usual is left out.
  const written = () => {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) {
      if (value !== usual[name] || (name === "sort" && state.way)) said.set(name, name === "sort" ? heading(value) : value);
    }
    return said.toString();
  };

  const read = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) {
      const row = document.getElementById(hash) || rows.find((one) => one.id === hash);
      if (row && rows.includes(row)) tell(row);
      return;
    }
    const said = new URLSearchParams(hash);
    Object.assign(state, usual);
    for (const name of Object.keys(usual)) if (said.has(name)) state[name] = said.get(name);
    const place = heads.findIndex((head) => head.dataset.title === said.get("sort"));
    state.sort = place < 0 ? usual.sort : String(place);
    for (const name of ["rows", "view"]) if (!radios(name).some((radio) => radio.value === state[name])) state[name] = usual[name];
    shown = atOnce;
    draw();
    const row = said.has("row") && rows.find((one) => one.id === said.get("row"));
    if (row) tell(row);
  };

  const choose = (change, anew = true) => {
    Object.assign(state, change);
    const address = `#${written()}`;
    if (address !== (location.hash || "#")) history[anew ? "pushState" : "replaceState"](null, "", address);
    draw();
  };

  const toggle = (anchor) => {
    const open = opened();
    if (!open.delete(anchor)) open.add(anchor);
    choose({ open: [...open].join(",") });
  };

  const add = (list, name, text) => {
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    term.textContent = name;
    told.textContent = text;
    list.append(term, told);
  };

  const name = (row) => [row.querySelector(".name"), row.querySelector(".brief")].filter(Boolean).map((one) => one.textContent).join(" · ");

  const tell = (row) => {
    const list = card.querySelector("dl");
    list.replaceChildren();
    document.getElementById("card-name").textContent = name(row);
    document.getElementById("card-link").href = `#${row.id}`;
    for (const flag of row.querySelectorAll("th i")) add(list, flag.textContent, flag.title);
    heads.forEach((head, place) => {
      if (place === 1) return;
      const cell = row.cells[place];
      const small = [...cell.querySelectorAll("small")].map((one) => one.textContent).join("; ");
      const figure = [...cell.querySelectorAll("span, sup")].map((one) => one.textContent).join(" ") || cell.textContent;
      const title = place === 0 && variant(row) ? "Against the model as it comes" : head.dataset.title;
      if (figure && figure !== "–") add(list, title, figure + (small ? ` (${small})` : ""));
    });
    list.append(...[...row.cells[1].querySelector("dl").children].map((node) => node.cloneNode(true)));
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

  // A table for spreadsheets: no text of it is taken for a formula, and figures are whole.
  const csv = () => {
    const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const plain = (text) => (/^[=+\-@]/.test(text) ? `'${text}` : text);
    const every = lines().data;
    const limited = heads.map((_, place) => every.some((row) => row.cells[place].dataset.l));
    const first = heads.flatMap((head, place) => [heading(place), ...(limited[place] ? [`${heading(place)} low`, `${heading(place)} high`] : [])]);
    const told = every.map((row) => heads.flatMap((head, place) => {
      const { v = "", l = "", h = "" } = row.cells[place].dataset;
      return [head.dataset.kind === "number" ? v : plain(v), ...(limited[place] ? [l, h] : [])];
    }));
    const flags = (row) => [...row.querySelectorAll("th i")].map((flag) => flag.textContent).join(" ");
    const kind = (row) => (published(row) ? "published" : variant(row) ? "variant" : "model");
    const all = [["Kind", ...first.map(plain), "Flags"], ...told.map((line, at) => [kind(every[at]), ...line, plain(flags(every[at]))])];
    return all.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  };

  const download = (event) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = event.currentTarget.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  heads.forEach((head, place) => head.querySelector(".sort").addEventListener("click", () => {
    const again = state.sort === String(place);
    const up = rising();
    choose({ sort: String(place), way: again ? (up ? "down" : "up") : "" });
  }));
  for (const help of table.tHead.querySelectorAll("[popover]")) {
    help.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      const under = help.parentElement.getBoundingClientRect();
      help.style.top = `${under.bottom + 4}px`;
      help.style.left = `${Math.max(8, Math.min(under.left, innerWidth - help.offsetWidth - 8))}px`;
    });
  }
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const row = event.target.closest("tr");
    if (event.target.closest("tbody i")) return tell(row);
    if (!button) return;
    if (button.dataset.open) toggle(button.dataset.open);
    else if (button.classList.contains("info")) tell(row);
    else toggle(key(row));
    if (button.dataset.open) body.querySelector(`[data-open="${button.dataset.open}"]`)?.focus();
    else button.focus();
  });
  document.querySelector("form.controls").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", () => { shown = atOnce; choose({ q: search.value }, state.q === ""); });
  for (const radio of [...radios("rows"), ...radios("view")]) {
    radio.addEventListener("change", () => { shown = atOnce; choose({ [radio.name]: radio.value }); });
  }
  longer.addEventListener("click", () => { shown += atOnce; draw(); });
  document.getElementById("download").addEventListener("click", download);
  copy.addEventListener("click", copied);
  card.addEventListener("click", (event) => { if (event.target === card) card.close(); });
  addEventListener("popstate", read);
  draw();
  read();
})();
