import type {
  Client,
  ElicitRequest,
  Progress,
} from '@modelcontextprotocol/client';
import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  allowedAddresses,
  systemResolver,
} from '../../auth/fetch/public-address.js';
import { checkUrl } from '../../auth/fetch/url-trust.js';
import { decoratedMethods } from '../../nest/provider-methods.js';
import type { ClientSettings } from '../config/client-settings.js';
import {
  HANDLER_KINDS,
  type McpClientEvent,
  type McpClientList,
} from './handler.decorators.js';

/** What the application answers for one server. */
export interface ClientAnswers {
  readonly capabilities: NonNullable<
    NonNullable<ConstructorParameters<typeof Client>[1]>['capabilities']
  >;
  /** Whether somebody waits for changes of lists. */
  readonly wantsListChanges: boolean;
  /** Tells how far a call is; undefined where nobody waits for that. */
  readonly progress?: (tool: string, progress: Progress) => void;
  /** Has the client answer. */
  attach(client: Client): void;
  /** A list of the server has changed. */
  listChanged(list: McpClientList): void;
}

type Kind = keyof typeof HANDLER_KINDS;

interface Handler {
  readonly kind: Kind;
  /** Undefined for all servers. */
  readonly server: string | undefined;
  readonly origin: string;
  run(subject: unknown, event: McpClientEvent): unknown;
}

/** Of each server, one alone can answer. */
const SINGLE: readonly Kind[] = ['elicitation', 'sampling'];

/** What the application answers the servers that it calls. */
@Injectable()
export class ClientHandlers {
  private readonly logger = new Logger('McpClient');
  private found: readonly Handler[] | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * Finds the methods that are decorated.
   *
   * @param servers that there are
   * @throws Error naming a method that cannot be, and why
   */
  check(servers: readonly string[]): void {
    const seen = new Map<string, Handler>();
    for (const handler of this.all) {
      const { kind, server, origin } = handler;
      const { decorator } = HANDLER_KINDS[kind];
      if (server !== undefined && !servers.includes(server)) {
        throw new Error(
          `${decorator} on ${origin} is for the MCP server "${server}", which McpClientModule does not have. There are ${servers.join(', ') || 'none'}.`,
        );
      }
      const key = `${kind} ${server ?? ''}`;
      const other = seen.get(key);
      if (other && SINGLE.includes(kind)) {
        throw new Error(
          `${decorator} stands on ${other.origin} and on ${origin}, and one alone can answer. Name the server of each.`,
        );
      }
      seen.set(key, handler);
    }
  }

  /** What is answered to one server. */
  answersOf(server: string, { roots }: ClientSettings): ClientAnswers {
    const elicit = this.of('elicitation', server).at(0);
    const sample = this.of('sampling', server).at(0);
    const progress = this.of('progress', server);
    const lists = this.of('listChanged', server);
    return {
      capabilities: {
        ...(elicit && { elicitation: { form: {}, url: {} } }),
        ...(sample && { sampling: {} }),
        ...(roots !== undefined && { roots: {} }),
      },
      wantsListChanges: lists.length > 0,
      ...(progress.length > 0 && {
        progress: (tool, told) => this.tell(progress, told, { server, tool }),
      }),
      listChanged: (list) => this.tell(lists, list, { server }),
      attach: (client) => {
        if (elicit) {
          this.answerElicitation(client, server, elicit);
        }
        if (sample) {
          client.setRequestHandler(
            'sampling/createMessage',
            async ({ params }, { mcpReq }) =>
              (await sample.run(params, {
                server,
                signal: mcpReq.signal,
              })) as never,
          );
        }
        if (roots !== undefined) {
          client.setRequestHandler('roots/list', async () => ({
            roots: [...(typeof roots === 'function' ? await roots() : roots)],
          }));
        }
        client.setNotificationHandler('notifications/message', ({ params }) =>
          this.tell(this.of('log', server), params, { server }),
        );
      },
    };
  }

  private answerElicitation(
    client: Client,
    server: string,
    handler: Handler,
  ): void {
    client.setRequestHandler(
      'elicitation/create',
      async ({ params }, { mcpReq }) => {
        const refusal = await refusalOf(params);
        if (refusal !== undefined) {
          this.logger.warn(
            `The MCP server "${server}" asked the user to open a URL, which was declined: ${refusal}`,
          );
          return { action: 'decline' };
        }
        return (await handler.run(params, {
          server,
          signal: mcpReq.signal,
        })) as never;
      },
    );
  }

  /** Those of a server, before those of all. */
  private of(kind: Kind, server: string): readonly Handler[] {
    const own = this.all.filter((handler) => handler.kind === kind);
    return [
      ...own.filter((handler) => handler.server === server),
      ...own.filter((handler) => handler.server === undefined),
    ];
  }

  /** A handler that fails is logged: nobody waits for it. */
  private tell(
    handlers: readonly Handler[],
    subject: unknown,
    event: McpClientEvent,
  ): void {
    for (const handler of handlers) {
      void Promise.resolve()
        .then(() => handler.run(subject, event))
        .catch((error: unknown) =>
          this.logger.error(
            `${HANDLER_KINDS[handler.kind].decorator} on ${handler.origin} failed`,
            error instanceof Error ? error.stack : undefined,
          ),
        );
    }
  }

  private get all(): readonly Handler[] {
    return (this.found ??= (Object.keys(HANDLER_KINDS) as Kind[]).flatMap(
      (kind) => this.find(kind),
    ));
  }

  private find(kind: Kind): Handler[] {
    return decoratedMethods<{ readonly server?: string }>(
      this.discovery,
      HANDLER_KINDS[kind],
    ).map(({ options, origin, methodName, wrapper }) => {
      if (!wrapper.isDependencyTreeStatic()) {
        throw new Error(
          `${HANDLER_KINDS[kind].decorator} stands on ${origin}, whose class is made anew for each request. Servers ask outside of requests: make it a singleton.`,
        );
      }
      return {
        kind,
        origin,
        server: options.server,
        run: (subject, event) =>
          (wrapper.instance as Record<string, (...args: unknown[]) => unknown>)[
            methodName
          ]?.(subject, event),
      };
    });
  }
}

/** Why a URL is not shown to the user; undefined where it may be, and for forms. */
async function refusalOf(
  params: ElicitRequest['params'],
): Promise<string | undefined> {
  if (params.mode !== 'url') {
    return undefined;
  }
  try {
    await allowedAddresses(
      checkUrl(params.url, { source: 'client' }),
      systemResolver,
    );
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
