/** What the page knows of the API: the schemas of its OpenAPI document. */
import type { TemplateResult } from '/page/vendor/lit-html.js';
import type { components } from '../client/generated.ts';

type Schemas = components['schemas'];
export type Job = Schemas['Job'];
export type JobList = Schemas['JobList'];
export type Session = Schemas['Session'];
export type QueueState = Schemas['QueueState'];
export type Artifact = Schemas['Artifact'];
export type Dataset = Schemas['Dataset'];
export type DatasetDescription = Schemas['DatasetDescription'];
export type DatasetSamples = Schemas['DatasetSamples'];
export type Comparison = Schemas['Comparison'];
export type Method = Schemas['Method'];
export type ZooModel = Schemas['ZooModel'];
export type JobEvent = Schemas['JobEvent'];

/** What a view is given: where it is, how long it lasts, how it says that it has changed. */
export interface Context {
  /** The parts of the path that the route leaves open. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly session: Session;
  /** Aborted when the view is left. */
  readonly signal: AbortSignal;
  redraw(): void;
  /** Runs the work now and then again and again while the page is looked at, until the view is left. */
  repeat(everyMs: number, work: () => Promise<void>): Promise<void>;
}

export interface View {
  readonly title: string;
  template(): TemplateResult;
}

export type OpenView = (context: Context) => View | Promise<View>;

/** One line of a plot. Null: nothing there. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface PlotData {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly log?: boolean;
  /** Names of y = 0, 1, ... where y is a choice instead of a number. */
  readonly choices?: readonly string[];
}

export interface HeatData {
  /** Iterations. */
  readonly columns: readonly number[];
  readonly rows: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}
