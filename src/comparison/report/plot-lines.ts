/** Colours and dash patterns that distinguish the lines of a plot. */

/** Colours that colour-blind readers can distinguish: Okabe and Ito (2008), then the muted scheme of Paul Tol (2021). */
export const palette = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#000000',
  '#999933',
  '#882255',
  '#44AA99',
  '#AA4499',
  '#661100',
  '#888888',
  '#332288',
  '#DDCC77',
  '#117733',
  '#CC6677',
  '#88CCEE',
];

/** Dash patterns distinguish lines without colour, for example in black-and-white print. */
export const dashes = [
  [1, 0],
  [8, 3],
  [2, 2],
  [8, 3, 2, 3],
  [5, 2],
  [12, 4],
  [4, 4],
  [2, 5],
];
