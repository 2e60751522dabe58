/** Style of range inputs: the browser's own track is white in a dark theme. */
export const RANGE_STYLE = `
input[type="range"].plain { appearance: none; height: 24px; margin: 0; background: none; cursor: pointer; }
.plain::-webkit-slider-runnable-track {
  height: 4px; border-radius: 2px; background: color-mix(in srgb, currentColor 22%, transparent);
}
.plain::-moz-range-track {
  height: 4px; border-radius: 2px; background: color-mix(in srgb, currentColor 22%, transparent);
}
.plain::-webkit-slider-thumb {
  appearance: none; width: 16px; height: 16px; margin-top: -6px; border-radius: 50%;
  background: var(--st-primary-color);
}
.plain::-moz-range-thumb {
  width: 16px; height: 16px; border: 0; border-radius: 50%; background: var(--st-primary-color);
}
.plain:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 6px;
}
/* A finger may be beside the track; margins keep the place of what is around it. */
@media (pointer: coarse) {
  input[type="range"].plain { height: 44px; margin-block: -10px; }
}
`;
