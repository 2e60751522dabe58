const FILM_STYLE = `
.film .controls { display: flex; align-items: center; gap: 12px; margin-top: 10px; flex-wrap: wrap; }
.film button {
  min-width: 84px; padding: 6px 12px; font: inherit; color: inherit; cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.film button:hover, .film button:focus-visible { border-color: var(--st-primary-color); }
.film input { flex: 1 1 160px; }
.film output { min-width: 9em; font-variant-numeric: tabular-nums; opacity: 0.8; }
`;
const REST = 1500; // Milliseconds on the last frame before it begins anew.

function makeFilm(parent) {
  const frame = document.createElement("div");
  frame.className = "film";
  frame.innerHTML = `
    <div class="controls">
      <button type="button"></button>
      <input type="range" class="plain" min="0" step="1" aria-label="Moment of training">
      <output></output>
    </div>`;
  const style = document.createElement("style");
  style.textContent = RANGE_STYLE + FILM_STYLE;
  frame.prepend(style, makePixelated(document.createElement("img")));
  parent.appendChild(frame);
  // The first key, Space or Enter, is for the film.
  setTimeout(() => frame.querySelector("button").focus({ preventScroll: true }));
  const mayMove = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return Object.assign(frame, { at: 0, isPlaying: mayMove, due: 0 });
}

export default function ({ data, parentElement }) {
  const frame = parentElement.querySelector(".film") ?? makeFilm(parentElement);
  const [image, button, range, output] = ["img", "button", "input", "output"].map((name) =>
    frame.querySelector(name),
  );
  const last = data.frames.length - 1;
  // Who looks at the newest goes on with it.
  if (frame.last === undefined || (frame.at === frame.last && !frame.isPlaying)) {
    frame.at = frame.last === undefined ? 0 : last;
  }
  frame.last = last;
  frame.at = Math.min(frame.at, last);
  range.max = String(last);
  const show = () => {
    image.src = data.frames[frame.at];
    image.alt = `${data.alt}, ${data.labels[frame.at]}`;
    range.value = String(frame.at);
    range.setAttribute("aria-valuetext", data.labels[frame.at]);
    output.textContent = data.labels[frame.at];
    button.textContent = frame.isPlaying ? "Pause" : "Play";
  };
  const play = (now) => {
    if (!frame.isConnected || !frame.isPlaying) return;
    if (now >= frame.due) {
      if (frame.due) frame.at = frame.at === last ? 0 : frame.at + 1;
      frame.due = now + (frame.at === last ? REST : data.milliseconds);
      show();
    }
    frame.ticking = requestAnimationFrame(play);
  };
  const start = () => {
    cancelAnimationFrame(frame.ticking);
    frame.due = 0;
    frame.ticking = requestAnimationFrame(play);
  };
  button.onclick = () => {
    frame.isPlaying = !frame.isPlaying;
    if (frame.isPlaying && frame.at === last) frame.at = 0;
    show();
    start();
  };
  range.oninput = () => {
    frame.isPlaying = false;
    frame.at = Number(range.value);
    show();
  };
  frame.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.target === range) return; // The range has these keys of its own.
    event.preventDefault();
    frame.isPlaying = false;
    frame.at = Math.min(last, Math.max(0, frame.at + by));
    show();
  };
  show();
  start();
  // Below it there are a line of controls and one of words, above it the dialog's title.
  const tallest = window.innerHeight - 320;
  return keepFitting(parentElement, { ...data, tallest }, (width, height) => {
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
    frame.querySelector(".controls").style.maxWidth = `${Math.max(width, 260)}px`;
  });
}
