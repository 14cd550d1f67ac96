import { Injectable, Module, type Provider } from '@nestjs/common';
import { once, EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  getAccessToken,
  McpContext,
  McpModule,
  type McpModuleExtras,
  type McpModuleOptions,
  McpPublic,
  McpTool,
} from '../../lib/index.js';
import { currentRequest } from '../../lib/transport/request/endpoint-request.js';
import { McpEndpoint } from '../../lib/transport/http/mcp.endpoint.js';
import type { LegacySessions } from '../../lib/transport/sessions/legacy-sessions.js';
import type { AdapterName } from './adapters.js';
import { bootApp, type BootedApp, type BootOptions } from './boot-app.js';
import { RESOURCE } from './auth-issuer.js';

const GATE = {
  type: 'object',
  properties: { gate: { type: 'string' } },
  required: ['gate'],
} as const;

/** Lets a test decide when a call goes on. */
@Injectable()
export class Gates {
  private readonly gates = new EventEmitter();
  readonly started: string[] = [];
  readonly ended: string[] = [];

  open(name: string): void {
    this.gates.emit(name);
  }

  async pass(name: string, signal: AbortSignal): Promise<void> {
    this.started.push(name);
    try {
      await once(this.gates, name, { signal });
      this.ended.push(name);
    } catch (error) {
      this.ended.push(`${name} given up`);
      throw error;
    }
  }
}

@Injectable()
export class SessionTools {
  constructor(private readonly gates: Gates) {}

  /** Waits for its gate between two reports. */
  @McpTool({ name: 'wait', inputSchema: GATE })
  @McpPublic()
  async wait(
    { gate }: { gate: string },
    context: McpContext,
  ): Promise<unknown> {
    void context.reportProgress(1, 2, `before ${gate}`);
    await this.gates.pass(gate, context.signal);
    void context.reportProgress(2, 2, `after ${gate}`);
    return { gate };
  }

  /** Ends its stream before the answer. */
  @McpTool({ name: 'later', inputSchema: GATE })
  @McpPublic()
  async later(
    { gate }: { gate: string },
    context: McpContext,
  ): Promise<unknown> {
    context.closeStream();
    await this.gates.pass(gate, context.signal);
    return { gate };
  }

  @McpTool({ name: 'ask' })
  @McpPublic()
  async ask(_: unknown, context: McpContext): Promise<unknown> {
    void context.reportProgress(1);
    return context.elicit('Your name?', {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
    });
  }

  /** Who calls, seen from several places and times. */
  @McpTool({ name: 'who' })
  @McpPublic()
  async who(_: unknown, context: McpContext): Promise<unknown> {
    const look = () => {
      const exchange = currentRequest() as {
        request: { headers: Record<string, string> };
      };
      const { headers } = exchange.request;
      return {
        scopes: getAccessToken()?.scopes ?? null,
        caller: headers['x-caller'] ?? null,
        session: context.sessionId ?? null,
      };
    };
    const before = look();
    await sleep(20);
    return { before, after: look() };
  }
}

/** A server with sessions, and access to what is behind it. */
export interface SessionApp extends BootedApp {
  readonly endpoint: string;
  readonly gates: Gates;
  readonly sessions: LegacySessions;
}

/** Boots a server with the tools above. */
export async function bootSessions(
  adapter: AdapterName,
  mcp: McpModuleOptions & McpModuleExtras = {},
  providers: readonly Provider[] = [],
  options: BootOptions = {},
): Promise<SessionApp> {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'sessions',
        ...mcp,
        limits: { drainTimeout: 100, ...mcp.limits },
        ...(mcp.auth && { auth: { resource: RESOURCE, ...mcp.auth } }),
      }),
    ],
    providers: [SessionTools, Gates, ...providers],
  })
  class SessionModule {}
  const booted = await bootApp(SessionModule, adapter, options);
  const { sessions } = booted.app.get(McpEndpoint, { strict: false });
  return {
    ...booted,
    endpoint: `${booted.url}/mcp`,
    gates: booted.app.get(Gates),
    sessions: sessions as LegacySessions,
  };
}
