import {
  type Implementation,
  type JSONRPCRequest,
  type McpRequestContext,
  type McpServer,
  PerRequestHTTPServerTransport,
  type ProtocolEra,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerCapabilities,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import { Telemetry } from '../../telemetry/telemetry.js';
import { CacheHints } from '../features/cache-hints.js';
import type { ServedUnit, ServerFeature } from '../features/server-feature.js';
import { SERVER_FEATURES } from '../features/server-features.js';
import { currentRequest } from '../request/endpoint-request.js';
import { ParamCheckedServer, ParamHeaders } from './param-headers.js';

/** The revision of the modern era; every request names it. */
export const MODERN_REVISION = '2026-07-28';

type Handler = (
  request: JSONRPCRequest,
  context: ServerContext,
) => Promise<Result>;

/**
 * The SDK's server, which answers params of a wrong form with "internal error"
 * except those of `tools/call`. JSON-RPC has a code for them (2.0, section 5.1).
 */
class ProtocolServer extends Server {
  /** The SDK's hook around every handler. */
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    return super._wrapHandler(method, (request, context) => {
      try {
        return handler(request, context);
      } catch (error) {
        // Handlers reject; what is thrown at once is the check before them.
        throw error instanceof ProtocolError
          ? error
          : new ProtocolError(
              ProtocolErrorCode.InvalidParams,
              `Invalid ${method} request: ${(error as Error).message}`,
            );
      }
    });
  }
}

/**
 * Makes the SDK's server for one request or session. The low-level `Server` is
 * used, as it costs the same with one tool as with a thousand; lists and
 * lookups are ours.
 */
@Injectable()
export class McpServerFactory {
  /** What the server says of itself. */
  readonly identity: Implementation;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    @Inject(SERVER_FEATURES)
    private readonly features: readonly ServerFeature[],
    private readonly cacheHints: CacheHints,
    private readonly paramHeaders: ParamHeaders,
    private readonly telemetry: Telemetry,
  ) {
    const { name, version, title, description, websiteUrl, icons } = settings;
    this.identity = {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(websiteUrl !== undefined && { websiteUrl }),
      ...(icons !== undefined && { icons: [...icons] }),
    };
  }

  /**
   * For calls that are made and answered without it: it says how results and
   * revisions of the era are, and has no client.
   */
  async createDetached(era: ProtocolEra): Promise<Server> {
    const { options } = this.parts({ era, hasSession: false });
    if (era === 'legacy') {
      return new ProtocolServer(this.identity, options);
    }
    const server = new ProtocolServer(this.identity, {
      ...options,
      // By which a server takes the era from its transport.
      supportedProtocolVersions: [MODERN_REVISION],
    });
    await server.connect(
      new PerRequestHTTPServerTransport({
        classification: { era, revision: MODERN_REVISION },
      }),
    );
    return server;
  }

  /** @param hasSession whether the server stays for later requests of its client */
  create(era: ProtocolEra, { hasSession = false } = {}): Server {
    const parts = this.parts({ era, hasSession });
    const server = install(
      new ProtocolServer(this.identity, parts.options),
      parts,
    );
    if (hasSession && this.telemetry.isActive) {
      this.measure(server);
    }
    return server;
  }

  /**
   * For one request to the SDK's HTTP handler. Where arguments of tools come in
   * headers, too, a call of one gets what makes the handler compare them.
   */
  createForRequest({
    era,
    requestInfo,
  }: McpRequestContext): Server | Promise<McpServer> {
    return era === 'modern' &&
      this.paramHeaders.areDeclared &&
      requestInfo?.headers.get('mcp-method') === 'tools/call'
      ? this.createChecked()
      : this.create(era);
  }

  /** A session lasts as long as its server. */
  private measure(server: Server): void {
    const began = performance.now();
    const isHttp = currentRequest() !== undefined;
    server.onclose = () =>
      this.telemetry.noteSession({
        duration: (performance.now() - began) / 1000,
        protocolVersion: server.getNegotiatedProtocolVersion(),
        isHttp,
      });
  }

  private async createChecked(): Promise<McpServer> {
    const parts = this.parts({ era: 'modern', hasSession: false });
    const shell = new ParamCheckedServer(
      this.identity,
      parts.options,
      await this.paramHeaders.schemas(),
    );
    install(shell.server, parts);
    return shell;
  }

  /** What a server is made of: the features that have something to offer. */
  private parts(unit: ServedUnit): Parts {
    const features: ServerFeature[] = [];
    const capabilities: ServerCapabilities = {};
    for (const feature of this.features) {
      const declared = feature.capabilities(unit);
      if (declared) {
        features.push(feature);
        Object.assign(capabilities, declared);
      }
    }
    return {
      unit,
      features,
      options: {
        // The SDK's server filters what `McpContext.log` says by its level.
        capabilities: { ...capabilities, logging: {} },
        cacheHints: this.cacheHints.ofLists,
        ...(this.settings.instructions !== undefined && {
          instructions: this.settings.instructions,
        }),
      },
    };
  }
}

interface Parts {
  readonly unit: ServedUnit;
  readonly features: readonly ServerFeature[];
  readonly options: ServerOptions;
}

function install(server: Server, { unit, features }: Parts): Server {
  for (const feature of features) {
    feature.install(server, unit);
  }
  return server;
}
