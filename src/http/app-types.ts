/** Types that plugins and routes share. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Scope } from './api-keys.ts';

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

/** Who asks. Without configured keys everybody is the one nameless owner of everything. */
export interface Caller {
  /** Owner of what it creates. */
  readonly name: string;
  /** Sees and changes what belongs to others, too. */
  readonly isAdmin: boolean;
  readonly scopes: readonly Scope[];
}

/** What a route needs of its caller; 'any' is a key with whatever scopes, 'public' needs nothing. */
export type Access = Scope | 'any' | 'public';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** Of the problem that the request is answered with. */
    problemCode?: string;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}
