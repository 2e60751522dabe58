const PAD_STYLE = `
.pad { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.pad canvas { display: block; border-radius: 6px; image-rendering: pixelated; }
.pad .field { position: relative; background: #000; touch-action: none; cursor: crosshair; border-radius: 6px; }
.pad .field:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.pad .field canvas { opacity: 0.55; }
.pad .mark {
  position: absolute; width: 16px; height: 16px; margin: -8px 0 0 -8px; border-radius: 50%;
  border: 2px solid #fff; background: var(--st-primary-color); pointer-events: none;
}
.pad .along { font-size: 0.85rem; opacity: 0.75; margin-top: 4px; }
.pad .down { writing-mode: vertical-rl; margin: 0; }
.pad .with-axis { display: flex; gap: 4px; }
.pad .across { margin-left: 24px; }
`;
const LANDMARKS = 5; // Digits in a row of the field: what lies where.

function makePad(parent) {
  const frame = document.createElement("div");
  frame.className = "pad";
  frame.innerHTML = `
    <div>
      <div class="with-axis">
        <div class="along down"></div>
        <div class="field" role="slider" tabindex="0" aria-roledescription="two-dimensional slider">
          <canvas></canvas><div class="mark"></div>
        </div>
      </div>
      <div class="along across"></div>
    </div>
    <canvas class="digit" role="img"></canvas>`;
  const style = document.createElement("style");
  style.textContent = PAD_STYLE;
  frame.prepend(style);
  parent.appendChild(frame);
  return frame;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".pad") ?? makePad(parentElement);
  const field = frame.querySelector(".field");
  const mark = frame.querySelector(".mark");
  const digit = frame.querySelector(".digit");
  const land = field.querySelector("canvas");
  const last = data.side - 1;
  frame.querySelector(".across").textContent = `${data.across} →`;
  frame.querySelector(".down").textContent = `${data.down} →`;
  digit.setAttribute("aria-label", data.alt);
  field.setAttribute("aria-label", `${data.across} across, ${data.down} down`);
  field.setAttribute("aria-valuemin", "0");
  field.setAttribute("aria-valuemax", String(data.side * data.side - 1));

  const tile = (context, column, row, x, y, size) => {
    const from = data.digitSide;
    context.drawImage(frame.sheet, column * from, row * from, from, from, x, y, size, size);
  };
  const show = ([column, row]) => {
    frame.shown = [column, row];
    const value = (index) => ((index / last) * 2 - 1) * data.reach;
    const words = `${data.across} ${value(column).toFixed(1)}, ${data.down} ${value(row).toFixed(1)}`;
    field.setAttribute("aria-valuenow", String(row * data.side + column));
    field.setAttribute("aria-valuetext", words);
    mark.style.left = `${(column / last) * 100}%`;
    mark.style.top = `${(row / last) * 100}%`;
    if (!frame.sheet) return;
    tile(digit.getContext("2d"), column, row, 0, 0, data.digitSide);
  };
  const paint = () => {
    land.width = land.height = LANDMARKS * data.digitSide;
    digit.width = digit.height = data.digitSide;
    for (let row = 0; row < LANDMARKS; row += 1) {
      for (let column = 0; column < LANDMARKS; column += 1) {
        const [x, y] = [column, row].map((index) => Math.round((index * last) / (LANDMARKS - 1)));
        tile(land.getContext("2d"), x, y, column * data.digitSide, row * data.digitSide, data.digitSide);
      }
    }
    show(frame.shown ?? data.position);
  };

  // Where a person is, while they are; else where the server says that z is.
  if (!frame.isHeld && String(frame.at) !== String(data.position)) frame.shown = data.position;
  frame.at = data.position;
  if (frame.src !== data.src) {
    frame.src = data.src;
    const sheet = new Image();
    sheet.onload = () => {
      if (frame.src !== data.src) return;
      frame.sheet = sheet;
      paint();
    };
    sheet.src = data.src;
  }
  show(frame.shown ?? data.position);

  const place = (event) => {
    const box = field.getBoundingClientRect();
    const clamp = (share) => Math.min(last, Math.max(0, Math.round(share * last)));
    return [
      clamp((event.clientX - box.left) / box.width),
      clamp((event.clientY - box.top) / box.height),
    ];
  };
  const pick = () => setTriggerValue("picked", { column: frame.shown[0], row: frame.shown[1] });
  field.onpointerdown = (event) => {
    if (event.button) return;
    field.setPointerCapture(event.pointerId);
    frame.isHeld = true;
    show(place(event));
  };
  // Under a mouse it shows what is there; pressed or touched, it stays.
  field.onpointermove = (event) => show(place(event));
  field.onpointerup = () => {
    if (!frame.isHeld) return;
    frame.isHeld = false;
    pick();
    frame.at = frame.shown;
  };
  field.onpointercancel = () => {
    frame.isHeld = false;
    show(frame.at);
  };
  field.onpointerleave = () => {
    if (!frame.isHeld) show(frame.at);
  };
  field.onkeydown = (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = by[event.key];
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    if (move) {
      show(frame.shown.map((index, axis) => Math.min(last, Math.max(0, index + move[axis]))));
      frame.isHeld = true;
    }
    // When the hand rests, or at once with Enter.
    clearTimeout(frame.rest);
    frame.rest = setTimeout(() => {
      if (!frame.isConnected) return;
      frame.isHeld = false;
      frame.at = frame.shown;
      pick();
    }, move ? 500 : 0);
  };
  return keepFitting(
    parentElement,
    { width: data.digitSide, height: data.digitSide, scale: data.scale },
    (width) => {
      for (const node of [land, digit]) {
        node.style.width = node.style.height = `${width}px`;
      }
      field.style.width = field.style.height = `${width}px`;
    },
  );
}
