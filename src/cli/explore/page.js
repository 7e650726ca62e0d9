"use strict";

// The state of the page is in the address behind `#`, so that it can be kept and sent: func, variant, at, hide.
let data, state = {};

function start(loaded) {
  data = loaded;
  document.querySelector("h1").textContent = data.title;
  const choose = (id, names) => {
    const select = document.getElementById(id);
    for (const [value, name] of names) select.append(new Option(name, value));
    select.onchange = () => change({ [id === "function" ? "func" : id]: select.value });
  };
  choose("function", data.functions.map(it => [it.index, it.title]));
  choose("variant", (data.functions[0] ? data.functions[0].variants : []).map(it => [it.name, it.name]));
  document.querySelector("aside button").onclick = () => { document.querySelector("aside").hidden = true; };
  window.onhashchange = show;
  show();
}

// Changes a part of the state.
function change(parts) {
  location.hash = new URLSearchParams({ ...state, ...parts }).toString();
}

// The panes of the function, in order.
function panes(func, variant) {
  return [...func.panes, ...variant.panes, ...func.compiled];
}

function show() {
  const before = state;
  state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const func = data.functions.find(it => String(it.index) === state.func) || data.functions[0];
  if (!func) return;
  const variant = func.variants.find(it => it.name === state.variant) || func.variants[0];
  document.getElementById("function").value = func.index;
  document.getElementById("variant").value = variant.name;
  const main = document.querySelector("main");
  if (!main.children.length || ["func", "variant", "hide"].some(it => before[it] !== state[it])) {
    const places = new Map([...main.querySelectorAll("section")].map(it => [it.id, it.querySelector("ol").scrollTop]));
    const hidden = (state.hide || "").split(",");
    const all = panes(func, variant);
    main.replaceChildren(...all.filter(it => !hidden.includes(it.id)).map(section));
    if (before.func === state.func) {
      for (const it of main.querySelectorAll("section")) it.querySelector("ol").scrollTop = places.get(it.id) || 0;
    }
    document.querySelector("#shown div").replaceChildren(...all.map(pane => toggle(pane, hidden)));
  }
  for (const it of document.querySelectorAll("li.kept")) it.classList.remove("kept");
  if (state.at) mark(state.at.split(","), null, true);
}

// A check box that shows or hides a pane.
function toggle(pane, hidden) {
  const label = document.createElement("label"), box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !hidden.includes(pane.id);
  box.onchange = () => {
    const others = hidden.filter(it => it && it !== pane.id);
    change({ hide: (box.checked ? others : [...others, pane.id]).join(",") });
  };
  label.append(box, " ", pane.title);
  return label;
}

function section(pane) {
  const section = document.createElement("section"), title = document.createElement("h2"), list = document.createElement("ol");
  section.id = "pane-" + pane.id;
  title.textContent = pane.title;
  list.append(...pane.lines.map(line => item(pane, line)));
  list.onmouseleave = () => mark(state.at ? state.at.split(",") : [], null, false);
  section.append(title, list);
  return section;
}

function item(pane, [offsets, text, handler]) {
  const item = document.createElement("li"), at = document.createElement("span"), code = document.createElement("code");
  at.className = "at";
  at.textContent = offsets.length === 1 ? "0x" + offsets[0].toString(16) : "";
  if (pane.id === "ir" || pane.id === "code") code.append(...slots(text));
  else code.textContent = text;
  item.append(at, code);
  if (offsets.length) {
    item.dataset.at = offsets.join(" ");
    item.onmouseenter = () => mark(offsets.map(String), item, false);
    item.onclick = () => change({ at: offsets.join(",") });
  }
  if (handler) {
    item.dataset.handler = handler;
    item.addEventListener("click", () => showHandler(handler));
  }
  return item;
}

// The text with its slots (locals l0, temporaries t0, ..) as elements, which mark their other occurrences in the pane.
function slots(text) {
  return text.split(/\b([lt]\d+)\b/).map((part, index) => {
    if (index % 2 === 0) return part;
    const slot = document.createElement("span");
    slot.className = "slot";
    slot.textContent = part;
    const set = on => {
      for (const it of slot.closest("ol").querySelectorAll(".slot")) it.classList.toggle("on", on && it.textContent === part);
    };
    slot.onmouseenter = () => set(true);
    slot.onmouseleave = () => set(false);
    return slot;
  });
}

// Marks all lines that belong to one of the offsets. Panes other than that of `from` scroll to their first such line.
function mark(offsets, from, keep) {
  const wanted = new Set(offsets);
  for (const pane of document.querySelectorAll("section ol")) {
    let first = null;
    for (const it of pane.children) {
      const on = it.dataset.at !== undefined && it.dataset.at.split(" ").some(at => wanted.has(at));
      it.classList.toggle("on", on);
      if (keep && on) it.classList.add("kept");
      if (on && !first) first = it;
    }
    const follows = keep || document.getElementById("follow").checked;
    if (first && follows && !(from && pane.contains(from))) {
      const [top, bottom] = [first.offsetTop - pane.offsetTop, first.offsetTop - pane.offsetTop + first.offsetHeight];
      if (top < pane.scrollTop || bottom > pane.scrollTop + pane.clientHeight) pane.scrollTop = top - pane.clientHeight / 3;
    }
  }
}

function showHandler(name) {
  const aside = document.querySelector("aside");
  aside.hidden = false;
  aside.querySelector("h2").textContent = name;
  aside.querySelector("pre").textContent = data.handlers[name].join("\n");
}
