const SLIDER_STYLE = `
.sliders .rows { columns: 2 190px; column-gap: 28px; }
.sliders .slider { break-inside: avoid; padding: 3px 0 9px; }
.sliders .words { display: flex; justify-content: space-between; gap: 8px; font-size: 0.875rem; }
.sliders output { font-variant-numeric: tabular-nums; opacity: 0.75; }
.sliders input {
  display: block; width: 100%; margin: 4px 0 0; height: 20px; cursor: pointer; touch-action: pan-y;
  accent-color: var(--st-primary-color);
}
.sliders input:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 6px;
}
.sliders .help { min-height: 4.4em; margin: 6px 0 0; font-size: 0.8rem; line-height: 1.45; opacity: 0.75; }
`;
const STEP = 0.05;
const words = (place) => place.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
const MILLISECONDS_A_FRAME = 10; // Of drawing; the rest of a frame is the browser's.
const PATIENCE = 1000; // Milliseconds until an answer that has not come is given up.

function makeSliders(parent) {
  const frame = document.createElement("div");
  frame.className = "sliders";
  const style = document.createElement("style");
  style.textContent = SLIDER_STYLE;
  const rows = document.createElement("div");
  rows.className = "rows";
  const help = document.createElement("p");
  help.className = "help";
  frame.append(style, rows, help);
  parent.appendChild(frame);
  return Object.assign(frame, { turn: 0, sentAt: -Infinity, isHeld: false, isWaiting: false, next: 0 });
}

function makeSlider(key) {
  const slider = document.createElement("div");
  slider.className = "slider";
  const id = `slider-${key}`;
  slider.innerHTML = `
    <div class="words"><label for="${id}"></label><output for="${id}"></output></div>
    <input type="range" id="${id}" step="${STEP}">`;
  return slider;
}

// A canvas over the picture of the grid, for as long as the page knows better than the server.
function coverOf(picture) {
  let cover = picture.parentElement.querySelector("canvas.cover");
  if (!cover) {
    cover = makePixelated(document.createElement("canvas"));
    cover.className = "cover";
    cover.setAttribute("aria-hidden", "true");
    Object.assign(cover.style, { position: "absolute", pointerEvents: "none" });
    picture.parentElement.style.position = "relative";
    picture.parentElement.appendChild(cover);
  }
  return cover;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".sliders") ?? makeSliders(parentElement);
  const rows = frame.querySelector(".rows");
  const help = frame.querySelector(".help");
  const { grid } = data;

  // The answer to what was sent last, or a z that was chosen elsewhere, counts; an older one not.
  const isOlder = data.turn < frame.turn && performance.now() - frame.sentAt < PATIENCE;
  if (data.number !== frame.number || !(frame.isHeld || frame.isWaiting || isOlder)) {
    frame.z = Float64Array.from(data.z);
    frame.isHeld = frame.isWaiting = false;
  }
  frame.number = data.number;
  frame.data = data;
  const isSettled = !frame.isHeld && !frame.isWaiting && !isOlder;
  if (isSettled) frame.turn = data.turn;

  const along = (vector) => frame.z.reduce((sum, value, i) => sum + value * vector[i], 0);
  const showPlaces = (without) => {
    for (const input of rows.querySelectorAll("input")) {
      const place = along(frame.data.sliders[input.index].vector);
      if (input !== without) input.value = String(place);
      input.parentElement.querySelector("output").textContent = words(place);
    }
  };

  const keys = data.sliders.map((slider) => slider.key).join(" ");
  if (frame.keys !== keys) {
    frame.keys = keys;
    rows.replaceChildren(...data.sliders.map((slider) => makeSlider(slider.key)));
  }
  help.textContent = data.note;
  [...rows.children].forEach((node, index) => {
    const slider = data.sliders[index];
    const input = node.querySelector("input");
    input.index = index;
    input.min = String(-data.reach);
    input.max = String(data.reach);
    input.setAttribute("aria-label", slider.label);
    input.setAttribute("aria-description", slider.help);
    node.querySelector("label").textContent = slider.label;
    const explain = () => {
      help.textContent = slider.help || data.note;
    };
    const explainAll = () => {
      help.textContent = frame.data.note;
    };
    node.onpointerenter = explain;
    node.onpointerleave = explainAll;
    input.onfocus = explain;
    input.onblur = explainAll;
  });
  showPlaces();

  const picture = () => document.querySelector(`${grid.place} img`);
  const generator = () => generators().get(data.generator);

  const paint = (cover, row, column) => {
    const half = (grid.size - 1) / 2;
    const down = (row - half) * grid.step;
    const across = (column - half) * grid.step;
    const z = Float32Array.from(
      frame.z,
      (value, i) => grid.psi * (value + down * grid.rows[i] + across * grid.columns[i]),
    );
    const greys = drawDigit(generator(), z);
    const image = new ImageData(grid.tile, grid.tile);
    const words = new Uint32Array(image.data.buffer);
    greys.forEach((grey, i) => {
      words[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    });
    const pitch = grid.tile + grid.gap;
    cover.getContext("2d").putImageData(image, column * pitch, row * pitch);
  };
  // The digit in the middle each time, the others as far as there is time, and go on from there.
  const draw = () => {
    frame.drawing = undefined;
    const shown = picture();
    if (!shown || !generator()) return;
    const cover = coverOf(shown);
    if (cover.hidden || cover.src !== shown.src) {
      cover.width = shown.naturalWidth;
      cover.height = shown.naturalHeight;
      cover.getContext("2d").drawImage(shown, 0, 0);
      cover.src = shown.src;
      cover.hidden = false;
      cover.style.display = "block";
      frame.left = grid.size * grid.size;
    }
    Object.assign(cover.style, {
      left: `${shown.offsetLeft}px`,
      top: `${shown.offsetTop}px`,
      width: shown.style.width,
      height: shown.style.height,
    });
    const num = grid.size * grid.size;
    const middle = (num - 1) / 2;
    const until = performance.now() + MILLISECONDS_A_FRAME;
    if (frame.isStale) paint(cover, Math.floor(middle / grid.size), middle % grid.size);
    frame.isStale = false;
    while (frame.left > 0 && performance.now() < until) {
      const index = frame.next % num;
      frame.next = index + 1;
      frame.left -= 1;
      if (index !== middle) paint(cover, Math.floor(index / grid.size), index % grid.size);
    }
    cover.isWhole = frame.left === 0;
    if (frame.left > 0) frame.drawing = requestAnimationFrame(draw);
  };
  const drawSoon = () => {
    frame.isStale = true;
    frame.left = grid.size * grid.size;
    frame.drawing ??= requestAnimationFrame(draw);
  };

  const uncover = () => {
    const shown = picture();
    const cover = shown?.parentElement.querySelector("canvas.cover");
    if (!cover || cover.hidden) return;
    const { turn } = frame;
    shown
      .decode()
      .catch(() => undefined)
      .then(() => {
        if (frame.isHeld || frame.turn !== turn) return;
        cover.hidden = true;
        cover.style.display = "none";
        cancelAnimationFrame(frame.drawing);
        frame.drawing = undefined;
      });
  };

  const send = () => {
    frame.turn += 1;
    frame.sentAt = performance.now();
    frame.isWaiting = false;
    setTriggerValue("moved", { number: frame.number, turn: frame.turn, z: [...frame.z] });
  };
  const sendSoon = () => {
    if (performance.now() - frame.sentAt > PATIENCE || frame.turn <= frame.data.turn) {
      send();
      return;
    }
    frame.isWaiting = true;
    clearTimeout(frame.timer);
    frame.timer = setTimeout(() => {
      if (frame.isWaiting && frame.isConnected) send();
    }, PATIENCE);
  };
  rows.oninput = ({ target }) => {
    const { vector } = frame.data.sliders[target.index];
    const by = Number(target.value) - along(vector);
    const { furthest } = frame.data;
    frame.z = frame.z.map((value, i) =>
      Math.min(furthest, Math.max(-furthest, value + by * vector[i])),
    );
    frame.isHeld = true;
    showPlaces(target);
    drawSoon();
  };
  rows.onchange = () => {
    frame.isHeld = false;
    sendSoon();
  };
  // A touch that the browser takes for scrolling ends without a change.
  rows.onpointercancel = () => {
    if (frame.isHeld) rows.onchange();
  };
  if (frame.isWaiting && !isOlder) send();
  else if (isSettled) uncover();
}
