/** How the lines of a plot differ. */

/** Colours that stay apart for colour-blind readers: Okabe and Ito (2008), then Paul Tol's muted ones (2021). */
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

/** Lines are told apart by their dashes too: by those who see no colours, and on paper. */
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
