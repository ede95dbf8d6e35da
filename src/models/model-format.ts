/** The interface of a topology format: how its JSON is recognised and read. */
import type { JsonObject } from '../json.ts';
import type { MaskRules } from '../topology/masks.ts';
import type { NamingStyle, RawModel } from '../topology/raw-model.ts';

export interface ModelFormat {
  readonly name: string;
  /** One line for lists of formats. */
  readonly summary: string;
  /** The framework whose rules name the parameters. */
  readonly style: NamingStyle;
  /** How masks are carried through layers and into the loss. */
  readonly masks: MaskRules;
  /** True when the JSON is of this format; looks at the outermost keys only. */
  detect(json: JsonObject): boolean;
  /** Reads JSON whose nesting and keys were checked; `pointer` leads to it in the posted value. Throws MODEL_MALFORMED. */
  parse(json: JsonObject, pointer: string): RawModel;
}
