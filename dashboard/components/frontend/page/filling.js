/** Scrolling on a page whose parts get their content one after the other. */

// Time in which a container, and the page above it, get their content; a busy server is slow.
const FILLING_MILLISECONDS = 10_000;

/**
 * Call a function now, and when one of the elements changes its size while the page fills, unless
 * the person scrolls or presses something meanwhile.
 *
 * @param {(Element | null)[]} elements
 * @param {() => void} update
 */
export function whileFilling(elements, update) {
  const observer = new ResizeObserver(update);
  for (const element of elements) if (element) observer.observe(element);
  const stop = () => observer.disconnect();
  setTimeout(stop, FILLING_MILLISECONDS);
  for (const input of ["wheel", "touchmove", "pointerdown", "keydown"])
    addEventListener(input, stop, { once: true });
}

/**
 * The container of the page that holds an element.
 *
 * @param {Element} element
 * @returns {Element | null}
 */
export const findPage = (element) => element.closest("[data-testid='stMainBlockContainer']");
