/** Types that several components share. */

/**
 * The arguments that Streamlit passes to a component's default export.
 *
 * @template Data
 * @typedef {object} Component
 * @property {Data} data The value of `data` on the Python side.
 * @property {HTMLElement} parentElement The component's place in the page.
 * @property {(name: string, value: unknown) => void} setTriggerValue Reruns the script, in which
 *   the component then returns the value under this name.
 */

/**
 * A point or a direction: right, then down.
 *
 * @typedef {[number, number]} Point
 */

export {};
