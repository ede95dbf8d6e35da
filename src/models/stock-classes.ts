/**
 * Refuses classes that a user defined. Keras writes the module of every class; without this check, a user's class with the name of a stock class
 * would be read as the stock class.
 */
import { AppError } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject, ownValue } from '../json.ts';

/** Modules of Keras in its three distributions, and of Python's built-in types. */
const stockModule = /^(keras|tf_keras|tensorflow\.python\.keras|tensorflow\.keras|builtins)(\.|$)/;

/** True for registered classes, to whose names Keras adds a prefix: `my>Dense`, or `Custom>` without a package. */
const isRegistered = (name: unknown) => typeof name === 'string' && name.includes('>') && !name.startsWith('keras>');

function isForeign(object: JsonObject): boolean {
  const className = ownValue(object, 'class_name');
  if (isRegistered(className) || isRegistered(ownValue(object, 'registered_name'))) return true;
  if (!Object.hasOwn(object, 'module') || typeof className !== 'string') return false;
  if (className === 'function') return true;
  return typeof object.module !== 'string' || !stockModule.test(object.module);
}

/** The first user-defined object in a configuration. Layers of nested models are checked when they are read. */
function findForeign(value: Json): JsonObject | undefined {
  if (Array.isArray(value)) {
    for (const entry of value) {
      const found = findForeign(entry);
      if (found) return found;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  if (isForeign(value)) return value;
  for (const [key, entry] of Object.entries(value)) {
    const found =
      key === 'layers' || key === 'inbound_nodes' || key === 'build_config' ? undefined : findForeign(entry);
    if (found) return found;
  }
  return undefined;
}

interface Place {
  readonly what: string;
  readonly pointer: string;
}

/** Throws LAYER_UNKNOWN where a layer, or an object in its configuration, has a user-defined class. */
export function assertStock(json: JsonObject, { what, pointer }: Place): void {
  const foreign = findForeign(json);
  if (!foreign) return;
  const className = String(ownValue(foreign, 'class_name'));
  const registered = ownValue(foreign, 'registered_name');
  const shown = foreign === json ? what : `${what}: its ${className}`;
  const name = typeof registered === 'string' && registered !== className ? `, registered as ${registered},` : '';
  const message = `${shown}${name} is not Keras' own class of that name but the author's; code of authors is never run. Express it with stock layers`;
  throw new AppError('LAYER_UNKNOWN', message, { details: { className, errors: [{ pointer, message }] } });
}
