"use strict";

// The state of the page is in the address behind `#`, so that it can be kept and sent: func, variant, at, hide, live, heat, slot.
let data, state = {};

const element = id => document.getElementById(id);

// A new element with a class and text.
function made(tag, className, text) {
  const it = document.createElement(tag);
  if (className) it.className = className;
  if (text !== undefined) it.textContent = text;
  return it;
}

function start(loaded) {
  data = loaded;
  document.querySelector("h1").textContent = data.title;
  const choose = (id, names, also) => {
    const select = element(id);
    for (const [value, name] of names) select.append(new Option(name, value));
    select.onchange = () => change({ [id === "function" ? "func" : id]: select.value, ...also });
  };
  const share = it => it.heat ? `${(it.heat.share * 100).toFixed(1)} %  ` : "";
  choose("function", data.functions.map(it => [it.index, share(it) + it.title]), { at: "", slot: "" });
  choose("variant", (data.functions[0] ? data.functions[0].variants : []).map(it => [it.name, it.name]), {});
  document.querySelector("aside button").onclick = () => { document.querySelector("aside").hidden = true; };
  element("live").onchange = () => change({ live: element("live").checked ? "on" : "" });
  element("heat").onchange = () => change({ heat: element("heat").checked ? "" : "off" });
  element("hottest").onclick = () => change({ at: "hottest" });
  document.querySelector("#slot button").onclick = () => change({ slot: "" });
  for (const it of document.querySelectorAll(".of-heat")) it.hidden = !data.functions.some(func => func.heat);
  element("help").open = window.matchMedia("(min-width: 50em)").matches;
  window.onhashchange = show;
  show();
}

// Changes a part of the state. What is empty is left out.
function change(parts) {
  const all = Object.entries({ ...state, ...parts }).filter(([, value]) => value !== "");
  location.hash = new URLSearchParams(all).toString();
}

// The function and the setting of the switches that are shown.
function current() {
  const func = data.functions.find(it => String(it.index) === state.func) || data.functions[0];
  return { func, variant: func && (func.variants.find(it => it.name === state.variant) || func.variants[0]) };
}

// The count of the hottest operator of a function.
function most({ counts }) {
  return Math.max(1, ...Object.values(counts));
}

// The offsets whose lines are kept marked: those of the state, or that of the hottest line. Of several lines that are equally hot it is the
// first of those that are in most panes: an operator that became no code has no counterparts to look at.
function kept() {
  if (state.at !== "hottest") return state.at ? state.at.split(",") : [];
  const { func, variant } = current();
  if (!func.heat) return [];
  const { counts } = func.heat, highest = most(func.heat);
  const candidates = Object.keys(counts).filter(at => counts[at] === highest);
  const known = panes(func, variant).map(pane => new Set(pane.lines.flatMap(([offsets]) => offsets.map(String))));
  const number = at => known.filter(it => it.has(at)).length;
  return candidates.length ? [candidates.reduce((best, at) => number(at) > number(best) ? at : best)] : [];
}

// The panes of the function, in order.
function panes(func, variant) {
  return [...func.panes, ...variant.panes, ...func.compiled];
}

function show() {
  const before = state;
  state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const { func, variant } = current();
  if (!func) return;
  element("function").value = func.index;
  element("variant").value = variant.name;
  element("live").checked = state.live === "on";
  element("heat").checked = state.heat !== "off";
  const main = document.querySelector("main");
  if (!main.children.length || ["func", "variant", "hide", "live", "heat"].some(it => before[it] !== state[it])) {
    const places = new Map([...main.querySelectorAll("section")].map(it => [it.id, it.querySelector("ol").scrollTop]));
    const hidden = (state.hide || "").split(",");
    const all = panes(func, variant);
    main.replaceChildren(...all.filter(it => !hidden.includes(it.id)).map(pane => section(pane, func, variant)));
    if (before.func === state.func) {
      for (const it of main.querySelectorAll("section")) it.querySelector("ol").scrollTop = places.get(it.id) || 0;
    }
    document.querySelector("#shown div").replaceChildren(...all.map(pane => toggle(pane, hidden)));
  }
  showSlot(variant);
  for (const it of document.querySelectorAll("li.kept")) it.classList.remove("kept");
  mark(kept(), null, true);
}

// A check box that shows or hides a pane.
function toggle(pane, hidden) {
  const label = made("label"), box = made("input");
  box.type = "checkbox";
  box.checked = !hidden.includes(pane.id);
  box.onchange = () => {
    const others = hidden.filter(it => it && it !== pane.id);
    change({ hide: (box.checked ? others : [...others, pane.id]).join(",") });
  };
  label.append(box, " ", pane.title);
  return label;
}

function section(pane, func, variant) {
  const section = made("section"), list = made("ol");
  section.id = "pane-" + pane.id;
  const lanes = pane.id === "ir" && state.live === "on" ? lanesOf(pane, variant) : null;
  const heat = state.heat !== "off" && func.heat && { counts: func.heat.counts, highest: most(func.heat) };
  const items = pane.lines.map((line, index) => item(pane, line, heat, lanes && lanes.lines[index]));
  if (lanes) items.unshift(...lanes.names.map(name => item(pane, [[], "", undefined], heat, name)));
  list.append(...items);
  list.onmouseleave = () => mark(kept(), null, false);
  section.append(made("h2", "", pane.title), list);
  return section;
}

function item(pane, [offsets, text, handler], heat, lanes) {
  const item = made("li"), code = made("code");
  if (heat) item.append(gutter(offsets, heat));
  item.append(made("span", "at", offsets.length === 1 ? "0x" + offsets[0].toString(16) : ""));
  if (lanes !== null) item.append(made("span", "lanes", lanes));
  if (pane.id === "ir" || pane.id === "code") code.append(...slots(text));
  else code.textContent = text;
  item.append(code);
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

// How often the line was executed: as a number, and as a bar beside the most frequent line of the function.
function gutter(offsets, { counts, highest }) {
  const count = Math.max(0, ...offsets.map(at => counts[at] || 0));
  const gutter = made("span", "heat");
  if (!count) return gutter;
  const bar = made("i");
  bar.style.width = `${(100 * count / highest).toFixed(1)}%`;
  const track = made("span", "track");
  track.append(bar);
  gutter.append(made("b", "", short(count)), track);
  gutter.title = `executed ${count.toLocaleString("en")} times`;
  return gutter;
}

// A count in few characters.
function short(count) {
  for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (count >= 10 * unit || count >= unit && unit > 1e3) return (count / unit).toPrecision(3).slice(0, 4).replace(/\.$/, "") + name;
  }
  return String(count);
}

// The text with its slots (locals l0, temporaries t0, ..) as elements, which mark their other occurrences in the pane.
function slots(text) {
  return text.split(/\b([ltr]\d+)\b/).map((part, index) => {
    if (index % 2 === 0) return part;
    const slot = made("span", "slot", part);
    const set = on => {
      for (const it of slot.closest("ol").querySelectorAll(".slot")) it.classList.toggle("on", on && it.textContent === part);
    };
    slot.onmouseenter = () => set(true);
    slot.onmouseleave = () => set(false);
    slot.onclick = event => {
      event.stopPropagation();
      change({ slot: state.slot === part ? "" : part });
    };
    return slot;
  });
}

// A column for each slot, with a line where it is live: for each line of the pane, and its name above, a character a line.
function lanesOf(pane, { live }) {
  const lines = pane.lines.map(() => Array(live.length).fill(" "));
  live.forEach(({ ranges }, lane) => {
    for (const [first, last] of ranges) {
      for (let line = first === null ? 0 : first; line <= last; line++) lines[line][lane] = "│";
      if (first !== null) lines[first][lane] = first === last ? "╶" : "╷";
      if (first !== last) lines[last][lane] = "╵";
    }
  });
  const height = Math.max(0, ...live.map(({ slot }) => slot.length));
  const names = Array.from({ length: height }, (_, row) => live.map(({ slot }) => slot.padStart(height)[row]).join(""));
  return { lines: lines.map(line => line.join("")), names };
}

// Marks where the slot of the state is live in the IR, and says it.
function showSlot({ live, panes }) {
  const list = document.querySelector("#pane-ir ol"), it = live.find(({ slot }) => slot === state.slot);
  element("slot").hidden = !state.slot;
  for (const slot of document.querySelectorAll(".slot")) slot.classList.toggle("chosen", slot.textContent === state.slot);
  const lines = panes.find(({ id }) => id === "ir").lines;
  if (list) {
    const items = [...list.children].slice(-lines.length);
    items.forEach((item, line) => {
      const isLive = !!it && it.ranges.some(([first, last]) => (first === null ? 0 : first) <= line && line <= last);
      item.classList.toggle("live", isLive);
    });
  }
  if (!state.slot) return;
  // A label has no offset: the next instruction's says where it is.
  const place = (line, step) => {
    while (lines[line] && !lines[line][0].length) line += step;
    return lines[line] ? "0x" + lines[line][0][0].toString(16) : "the end";
  };
  const text = it && it.ranges.map(([first, last]) => `${first === null ? "the entry" : place(first, 1)} to ${place(last, -1)}`);
  element("slot").querySelector("output").textContent = it
    ? `${state.slot} is live from ${text.join(", ")}` : `${state.slot} is not in this code`;
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
    const follows = keep || element("follow").checked;
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
