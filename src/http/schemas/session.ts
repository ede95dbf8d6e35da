/** Sessions: the key under which a browser is signed in. */
import { type Static, Type } from 'typebox';
import { scopes } from '../api-keys.ts';
import { strict } from './common.ts';

export const Session = strict(
  {
    keysRequired: Type.Boolean({ description: 'False when no API_KEYS are configured: everybody may do everything.' }),
    name: Type.String({ description: 'Name of the key, which owns what it creates; empty without keys.' }),
    scopes: Type.Array(Type.Enum(scopes)),
  },
  { description: 'Who asks, and what the key allows.' },
);
export type Session = Static<typeof Session>;

/** The body that the sign-in form of the page sends. */
export const SignIn = strict({ key: Type.String({ minLength: 1, maxLength: 1000, description: 'A bearer token.' }) });
