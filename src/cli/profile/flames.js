// Zooms to the frame that is clicked, and marks the frames whose name contains what is looked for.
const image = document.documentElement;
const width = 1180, side = 10, character = 6.6;
const frames = [...document.querySelectorAll(".frame")].map((element) => {
  const { first, count, level } = element.dataset;
  return {
    element,
    name: element.querySelector("title").textContent.replace(/ \(\d+ samples?, [\d.]+ %\)$/, ""),
    rect: element.querySelector("rect"),
    text: element.querySelector("text"),
    first: +first,
    count: +count,
    level: +level,
  };
});
const whole = { first: 0, count: +image.dataset.all, level: 0 };
let shown = whole, found = "";

function cut(name, width) {
  const room = Math.floor(width / character), all = [...name];
  return all.length <= room ? name : room < 3 ? "" : all.slice(0, room - 1).join("") + "…";
}

// What the frame spans becomes as wide as the image. Frames below it stay, to go back.
function zoom(to) {
  shown = to;
  const scale = width / to.count, end = to.first + to.count;
  for (const it of frames) {
    const from = Math.max(it.first, to.first), until = Math.min(it.first + it.count, end);
    it.element.style.display = from < until ? "" : "none";
    if (from >= until) continue;
    const x = side + (from - to.first) * scale, wide = (until - from) * scale;
    it.rect.setAttribute("x", x);
    it.rect.setAttribute("width", wide);
    it.rect.style.opacity = it.level < to.level ? 0.5 : 1;
    it.text.setAttribute("x", x + 3);
    it.text.textContent = cut(it.name, wide - 6);
  }
}

function find(name) {
  found = name;
  // A function that calls itself has its samples once.
  let samples = 0, counted = 0;
  for (const it of frames) {
    const is = name !== "" && it.name.includes(name);
    it.element.classList.toggle("found", is);
    if (is && it.first + it.count > counted) {
      samples += it.first + it.count - Math.max(counted, it.first);
      counted = it.first + it.count;
    }
  }
  const share = (100 * samples / whole.count).toFixed(2);
  document.getElementById("hints").textContent =
    (name === "" ? "" : `, ${share} % with “${name}”`) + " · click: zoom · Escape: all · /: find";
}

for (const it of frames) it.element.addEventListener("click", () => zoom(it === shown ? whole : it));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") { zoom(whole); find(""); }
  if (event.key === "/") { event.preventDefault(); find(prompt("functions whose name contains", found) ?? found); }
});
find("");
