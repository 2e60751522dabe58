const SLIDER_STYLE = `
.sliders .rows { columns: 2 190px; column-gap: 28px; }
.sliders .slider { break-inside: avoid; padding: 3px 0 9px; }
.sliders .words { display: flex; justify-content: space-between; gap: 8px; font-size: 0.875rem; }
.sliders output { font-variant-numeric: tabular-nums; opacity: 0.75; }
.sliders input[type="range"].plain {
  display: block; width: 100%; margin: 4px 0 0; touch-action: pan-y;
  --middle: color-mix(in srgb, currentColor 40%, transparent);
  background: linear-gradient(var(--middle), var(--middle)) center / 1px 10px no-repeat;
}
.sliders .help { min-height: 4.4em; margin: 6px 0 0; font-size: 0.8rem; line-height: 1.45; opacity: 0.75; }
`;
const STEP = 0.05;
const inWords = (place) => place.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
const MILLISECONDS_A_FRAME = 10; // Of drawing; the rest of a frame is the browser's.
const PATIENCE = 1000; // Milliseconds until a move need not wait for the answer to the last one.
const AGAIN = 5000; // Milliseconds until a move without an answer is sent again: a line was broken.

function makeSliders(parent) {
  const frame = document.createElement("div");
  frame.className = "sliders";
  const style = document.createElement("style");
  style.textContent = RANGE_STYLE + SLIDER_STYLE;
  const rows = document.createElement("div");
  rows.className = "rows";
  const help = document.createElement("p");
  help.className = "help";
  frame.append(style, rows, help);
  parent.appendChild(frame);
  return Object.assign(frame, {
    sent: 0,
    answered: 0,
    sentAt: -Infinity,
    isHeld: false,
    isMoved: false,
    next: 0,
    left: 0,
  });
}

function makeSlider(index) {
  const slider = document.createElement("div");
  slider.className = "slider";
  const id = `latent-slider-${index}`;
  slider.innerHTML = `
    <div class="words"><label for="${id}"></label><output for="${id}"></output></div>
    <input type="range" class="plain" id="${id}" step="${STEP}">`;
  return slider;
}

function putOver(cover, picture) {
  Object.assign(cover.style, {
    left: `${picture.offsetLeft}px`,
    top: `${picture.offsetTop}px`,
    width: picture.style.width,
    height: picture.style.height,
  });
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

// Who knows where z is. The page is ahead of the server
//   while a hand is on a slider (isHeld),
//   while there is a move that was not sent (isMoved),
//   while the answer to what was sent is under way (sent > answered).
// Then its own z counts, and the cover shows it. Else the server's z counts, and its picture is
// shown. A z that was chosen elsewhere has another number, and always counts. Turns only grow, and
// each message holds all of z: of two that meet on the way, the later one says everything.
const isAhead = (frame) => frame.isHeld || frame.isMoved || frame.sent > frame.answered;

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".sliders") ?? makeSliders(parentElement);
  const rows = frame.querySelector(".rows");
  const help = frame.querySelector(".help");

  // None is replaced under a hand: others come when it rests.
  const keysOf = ({ sliders }) => sliders.map((slider) => slider.key).join(" ");
  const isInUse = frame.isHeld || rows.querySelector(":focus-visible") !== null;
  if (isInUse && data.zVersion === frame.number && keysOf(data) !== frame.keys) {
    data = { ...data, sliders: frame.data.sliders };
  }
  frame.answered = Math.max(frame.answered, data.lastMove);
  frame.sent = Math.max(frame.sent, frame.answered);
  if (data.zVersion !== frame.number) {
    frame.answered = frame.sent;
    frame.isHeld = frame.isMoved = false;
  }
  if (!isAhead(frame)) frame.z = Float64Array.from(data.z);
  frame.number = data.zVersion;
  frame.data = data;

  const along = (vector) => frame.z.reduce((sum, value, i) => sum + value * vector[i], 0);
  const showPlaces = (without) => {
    for (const input of rows.querySelectorAll("input")) {
      const place = along(frame.data.sliders[input.index].vector);
      if (input !== without) input.value = String(place);
      input.parentElement.querySelector("output").textContent = inWords(place);
    }
  };

  const keys = keysOf(data);
  if (frame.keys !== keys) {
    frame.keys = keys;
    rows.replaceChildren(...data.sliders.map((_, index) => makeSlider(index)));
  }
  help.textContent = data.note;
  [...rows.children].forEach((node, index) => {
    const slider = data.sliders[index];
    const input = node.querySelector("input");
    input.index = index;
    input.min = String(-data.sliderLimit);
    input.max = String(data.sliderLimit);
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
    input.onblur = () => {
      explainAll();
      letGo();
    };
  });
  showPlaces();

  const picture = () => document.querySelector(`${frame.data.grid.selector} img`);
  const generator = () => generators().get(frame.data.generator);

  const paint = (cover, row, column) => {
    const { grid } = frame.data;
    const half = (grid.size - 1) / 2;
    const down = (row - half) * grid.step;
    const across = (column - half) * grid.step;
    const z = Float32Array.from(
      frame.z,
      (value, i) => grid.psi * (value + down * grid.rowDirection[i] + across * grid.columnDirection[i]),
    );
    const image = new ImageData(grid.digitSide, grid.digitSide);
    const colors = new Uint32Array(image.data.buffer);
    const values = drawDigit(generator(), z);
    const channels = values.length / colors.length; // 1 for grey, 3 for red, green and blue.
    for (let i = 0; i < colors.length; i += 1) {
      const red = values[i * channels];
      const green = channels === 3 ? values[i * 3 + 1] : red;
      const blue = channels === 3 ? values[i * 3 + 2] : red;
      colors[i] = 0xff000000 | (blue << 16) | (green << 8) | red;
    }
    const pitch = grid.digitSide + grid.gap;
    cover.getContext("2d").putImageData(image, column * pitch, row * pitch);
  };
  // The digit in the middle each time, the others as far as there is time, and go on from there.
  const draw = () => {
    frame.drawing = undefined;
    const shown = picture();
    if (!shown || !generator()) return;
    const cover = coverOf(shown);
    const num = frame.data.grid.size ** 2;
    const isOfThisSize =
      cover.width === shown.naturalWidth && cover.height === shown.naturalHeight;
    if (cover.hidden || !cover.isUsed || !isOfThisSize) {
      cover.width = shown.naturalWidth;
      cover.height = shown.naturalHeight;
      cover.getContext("2d").drawImage(shown, 0, 0);
      cover.hidden = false;
      cover.isUsed = true;
      cover.style.display = "block";
      frame.left = num;
    }
    if (!cover.follows) {
      cover.follows = new ResizeObserver(() => putOver(cover, shown));
      cover.follows.observe(shown);
    }
    putOver(cover, shown);
    const { size } = frame.data.grid;
    const middle = (num - 1) / 2;
    const until = performance.now() + MILLISECONDS_A_FRAME;
    if (frame.isStale) paint(cover, Math.floor(middle / size), middle % size);
    frame.isStale = false;
    while (frame.left > 0 && performance.now() < until) {
      const index = frame.next % num;
      frame.next = index + 1;
      frame.left -= 1;
      if (index !== middle) paint(cover, Math.floor(index / size), index % size);
    }
    cover.isWhole = frame.left === 0;
    if (frame.left > 0) frame.drawing = requestAnimationFrame(draw);
  };
  const drawSoon = () => {
    frame.isStale = true;
    frame.left = frame.data.grid.size ** 2;
    frame.drawing ??= requestAnimationFrame(draw);
  };

  const uncover = () => {
    const shown = picture();
    const cover = shown?.parentElement.querySelector("canvas.cover");
    if (!cover || cover.hidden) return;
    const { sent } = frame;
    shown
      .decode()
      .catch(() => undefined)
      .then(() => {
        if (isAhead(frame) || frame.sent !== sent) return;
        cover.hidden = true;
        cover.style.display = "none";
        cancelAnimationFrame(frame.drawing);
        frame.drawing = undefined;
      });
  };

  const send = () => {
    frame.sent += 1;
    frame.sentAt = performance.now();
    frame.isMoved = false;
    setTriggerValue("moved", { zVersion: frame.number, number: frame.sent, z: [...frame.z] });
    wait(AGAIN);
  };
  const wait = (milliseconds) => {
    clearTimeout(frame.timer);
    frame.timer = setTimeout(() => {
      if (frame.isConnected && !frame.isHeld && isAhead(frame)) send();
    }, milliseconds);
  };
  // Not each of many keys is a message: the next goes when the last is answered, or takes long.
  const sendSoon = () => {
    const since = performance.now() - frame.sentAt;
    if (frame.sent === frame.answered || since > PATIENCE) send();
    else wait(PATIENCE - since);
  };
  rows.oninput = ({ target }) => {
    const { vector } = frame.data.sliders[target.index];
    const by = Number(target.value) - along(vector);
    const furthest = frame.data.zLimit;
    frame.z = frame.z.map((value, i) =>
      Math.min(furthest, Math.max(-furthest, value + by * vector[i])),
    );
    frame.isHeld = frame.isMoved = true;
    showPlaces(target);
    drawSoon();
  };
  const letGo = () => {
    if (!frame.isHeld) return;
    frame.isHeld = false;
    sendSoon();
  };
  rows.onchange = letGo;
  // A slider that is back where it was changes nothing, and a touch that becomes scrolling neither.
  rows.onpointerup = () => setTimeout(letGo);
  rows.onpointercancel = rows.onlostpointercapture = rows.onkeyup = letGo;

  if (!isAhead(frame)) uncover();
  else if (frame.isMoved && !frame.isHeld && frame.sent === frame.answered) send();
}
