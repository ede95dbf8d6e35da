/** What a topology format is: a way to recognise its JSON and to read it. */
import type { JsonObject } from '../json.ts';
import type { NamingStyle, RawModel } from '../topology/raw-model.ts';

export interface ModelFormat {
  readonly name: string;
  /** One line for catalogues. */
  readonly summary: string;
  /** Who names the parameters. */
  readonly style: NamingStyle;
  /** True when the JSON is of this format; looks at the outermost keys only. */
  detect(json: JsonObject): boolean;
  /** Reads the JSON, already checked for nesting and keys; `pointer` leads to it in what was posted. Throws MODEL_MALFORMED. */
  parse(json: JsonObject, pointer: string): RawModel;
}
