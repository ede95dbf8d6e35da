/** Colours of plots: those of the page for axes, and lines that stay apart for colour-blind readers (Okabe and Ito, 2008), each with a dash of its own. */

/** @type {readonly { light: string, dark: string, dash: number[] }[]} */
const lines = [
  { light: '#0072b2', dark: '#56b4e9', dash: [] },
  { light: '#b24a00', dark: '#e69f00', dash: [8, 4] },
  { light: '#00755a', dark: '#3fcf9f', dash: [2, 3] },
  { light: '#9c4a78', dark: '#e59ac4', dash: [10, 3, 2, 3] },
  { light: '#7a5c00', dark: '#f0e442', dash: [5, 2] },
  { light: '#33384f', dark: '#cfd6e6', dash: [12, 4] },
];

const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches;

/** @param {boolean} forPrint paper is white whatever the screen is */
export function coloursOf(forPrint) {
  const dark = isDark() && !forPrint;
  return {
    dark,
    text: dark ? '#a5b1c0' : '#3d4753',
    grid: dark ? '#2a3440' : '#e3e7ec',
    /** @param {number} index */
    line(index) {
      const { light, dark: onDark, dash } = lines[index % lines.length] ?? { light: '#000', dark: '#fff', dash: [] };
      return { stroke: dark ? onDark : light, dash };
    },
  };
}

/** @param {() => void} redraw called when the scheme changes
 * @param {AbortSignal} signal
 */
export function onScheme(redraw, signal) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal });
}

/**
 * A scale's colour on a logarithmic axis around 1: blue below, orange above, the ground at 1.
 *
 * @param {number} value
 * @param {number} reach |ln value| that has the full colour
 * @param {boolean} dark
 * @returns {readonly [number, number, number]} red, green, blue
 */
export function scaleColour(value, reach, dark) {
  const share = Math.max(-1, Math.min(1, Math.log(Math.max(value, 1e-12)) / reach));
  const middle = dark ? [44, 54, 67] : [244, 244, 240];
  const end =
    share < 0
      ? [dark ? 110 : 8, dark ? 180 : 81, dark ? 255 : 156]
      : [dark ? 255 : 190, dark ? 176 : 72, dark ? 84 : 0];
  const mix = (/** @type {0 | 1 | 2} */ at) =>
    Math.round((middle[at] ?? 0) + ((end[at] ?? 0) - (middle[at] ?? 0)) * Math.abs(share));
  return [mix(0), mix(1), mix(2)];
}
