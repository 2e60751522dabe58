/** Enlargement of small pictures by whole device pixels. */

/**
 * @typedef {object} Picture
 * @property {number} width In the picture's own pixels.
 * @property {number} height In the picture's own pixels.
 * @property {number} scale Largest enlargement.
 * @property {number} [tallest] Largest height on the page, in CSS pixels.
 * @property {boolean} [fill] Whether to fill the width of a narrow parent, without whole device
 *   pixels, if these would fill too little of it; see `LEAST_FILLED`.
 * @property {number} [reserved] Width of the parent that is not for the picture, in CSS pixels.
 */

const NARROW = 480; // Largest width of a narrow parent, as on a phone, in CSS pixels.
// A narrow parent is filled if whole device pixels would fill less than this share of its width. On
// a dense screen, where uneven pixels are hardly seen, the share is higher. Ten digits side by side
// would leave a sixth of a phone's width empty.
const LEAST_FILLED = 0.9;
const LEAST_FILLED_IF_DENSE = 0.97;
// From this enlargement on, pixels whose sizes differ by one device pixel look equal.
const LEAST_ENLARGEMENT = 2;

/**
 * Return the width and height of a picture on the page, in CSS pixels.
 *
 * Each of its pixels covers the same whole number of device pixels, at least one, so that the
 * picture looks even, unless it fills a narrow parent. A picture that is wider than the parent is
 * reduced to the parent's width.
 *
 * @param {Picture} picture
 * @param {number} parentWidth Width of the parent, in CSS pixels.
 * @param {number} pixelRatio Device pixels in a CSS pixel.
 * @returns {[number, number]}
 */
export function fitPicture(
  { width, height, scale, tallest = Infinity, fill = false },
  parentWidth,
  pixelRatio,
) {
  const largest = Math.min(
    Math.max(1, scale * pixelRatio), // Below 1 in a page that is zoomed out.
    (parentWidth * pixelRatio) / width,
    Math.max(1, Math.floor((tallest * pixelRatio) / height)),
  );
  const whole = Math.floor(largest);
  const isDense = pixelRatio >= 2 && whole >= LEAST_ENLARGEMENT;
  const leastFilled = isDense ? LEAST_FILLED_IF_DENSE : LEAST_FILLED;
  const isFilled = fill && parentWidth <= NARROW && whole < leastFilled * largest;
  const enlargement = isFilled ? largest : whole;
  const shown = enlargement >= 1 ? (enlargement * width) / pixelRatio : parentWidth;
  return [shown, (shown * height) / width];
}

/** @type {WeakMap<HTMLElement, ResizeObserver>} */
const observers = new WeakMap();

/**
 * Fit a picture now and whenever its parent's width changes.
 *
 * @param {HTMLElement} parent
 * @param {Picture | ((parentWidth: number) => Picture)} picture Or a function that returns the
 *   picture for a width of the parent, in CSS pixels.
 * @param {(width: number, height: number) => void} apply Receives the size in CSS pixels.
 * @returns {() => void} Stops fitting.
 */
export function keepFitting(parent, picture, apply) {
  const fit = () => {
    const shown = typeof picture === "function" ? picture(parent.clientWidth) : picture;
    const parentWidth = parent.clientWidth - (shown.reserved ?? 0);
    if (parentWidth > 0) apply(...fitPicture(shown, parentWidth, window.devicePixelRatio || 1));
  };
  fit();
  observers.get(parent)?.disconnect();
  const observer = new ResizeObserver(fit);
  observer.observe(parent);
  observers.set(parent, observer);
  return () => observer.disconnect();
}
