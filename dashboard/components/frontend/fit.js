/** Enlargement of small pictures by whole device pixels. */

/**
 * @typedef {object} Picture
 * @property {number} width In the picture's own pixels.
 * @property {number} height In the picture's own pixels.
 * @property {number} scale Largest enlargement.
 * @property {number} [tallest] Largest height on the page, in CSS pixels.
 */

/**
 * Return the width and height of a picture on the page, in CSS pixels.
 *
 * Each pixel covers the same whole number of device pixels, or the picture would look uneven. It
 * is made smaller than one to one only if it is wider than the room.
 *
 * @param {Picture} picture
 * @param {number} room Width of the parent, in CSS pixels.
 * @param {number} pixelRatio Device pixels in a CSS pixel.
 * @returns {[number, number]}
 */
export function fitPicture({ width, height, scale, tallest = Infinity }, room, pixelRatio) {
  const devicePixels = Math.floor(
    Math.min(
      scale * pixelRatio,
      (room * pixelRatio) / width,
      Math.max(1, Math.floor((tallest * pixelRatio) / height)),
    ),
  );
  const shown = devicePixels >= 1 ? (devicePixels * width) / pixelRatio : room;
  return [shown, (shown * height) / width];
}

/** @type {WeakMap<HTMLElement, ResizeObserver>} */
const observers = new WeakMap();

/**
 * Fit a picture now and whenever its parent's width changes.
 *
 * @param {HTMLElement} parent
 * @param {Picture} picture
 * @param {(width: number, height: number) => void} apply Receives the size in CSS pixels.
 * @returns {() => void} Ends it.
 */
export function keepFitting(parent, picture, apply) {
  const fit = () => {
    const room = parent.clientWidth;
    if (room) apply(...fitPicture(picture, room, window.devicePixelRatio || 1));
  };
  fit();
  observers.get(parent)?.disconnect();
  const observer = new ResizeObserver(fit);
  observer.observe(parent);
  observers.set(parent, observer);
  return () => observer.disconnect();
}
