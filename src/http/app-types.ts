/** Types that plugins and routes share. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Scope } from './api-keys.ts';

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

/** The caller of a request. Without configured keys every caller is the same owner, whose name is empty. */
export interface Caller {
  /** Owner of what it creates. */
  readonly name: string;
  /** May see and change jobs and datasets of other owners. */
  readonly isAdmin: boolean;
  readonly scopes: readonly Scope[];
}

/** The scope that a route requires; 'any': a key with any scopes, 'public': no key. */
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
