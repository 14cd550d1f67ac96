import type { Icon, ToolAnnotations } from '@modelcontextprotocol/server';
import type { McpAuthOptions } from '../auth/auth-options.interface.js';
import type { SessionOptions } from './session-options.interface.js';
import type { ToolFilter } from './tool-filter.interface.js';

/**
 * What a `toolName` function may build a name from.
 *
 * @publicApi
 */
export interface ToolNameContext {
  /** Class name of the controller or provider. */
  readonly controller: string;
  readonly method: string;
  /** `operationId` of `@ApiOperation`, if given. */
  readonly operationId: string | undefined;
  /** Upper case; undefined for a provider's method. */
  readonly httpMethod: string | undefined;
  /** The URL as Nest registered it; undefined for a provider's method. */
  readonly path: string | undefined;
  readonly version: string | undefined;
}

/**
 * What `toolDescription` and `toolAnnotations` functions may build on: a tool
 * as it is without them.
 *
 * @publicApi
 */
export interface ToolContext extends ToolNameContext {
  /** Name of the tool. */
  readonly name: string;
  /** Of `@ApiOperation` or, without it, method and path. */
  readonly description: string;
  /** Those of `@ApiTags` and `@ApiOperation`; none for a provider's method. */
  readonly tags: readonly string[];
}

/** How long, and by whom, an answer may be kept. @publicApi */
export interface CacheOptions {
  /** Milliseconds; 0 for not at all. @default 0 */
  readonly ttlMs?: number;
  /** `'public'` where the answer is the same for every caller. @default `'private'` */
  readonly cacheScope?: 'public' | 'private';
}

/** Paths of HTTP+SSE. @publicApi */
export interface SsePathOptions {
  /** Where the stream is opened. @default `'/sse'` */
  readonly path?: string;
  /** Where messages are posted. @default `'/messages'` */
  readonly messagesPath?: string;
}

/**
 * What one server holds and allows. Each is a whole number from 1.
 *
 * @publicApi
 */
export interface LimitOptions {
  /** Milliseconds until a call is given up; people who are asked take their time. @default 60000 */
  readonly timeout?: number;
  /** Milliseconds that running calls are given when the application closes. @default 10000 */
  readonly drainTimeout?: number;
  /**
   * Bytes a request to the endpoint may have. A file takes a third more than
   * its size. @default 10485760 where a route of the application takes files,
   * else what the application's own body parser allows
   */
  readonly maxRequestBytes?: number;
  /**
   * Bytes a result may have. JSON is cut at an element boundary and says so;
   * anything else is refused. @default 1048576
   */
  readonly maxResultBytes?: number;
  /**
   * Bytes that wait on one stream for a client that does not read it. Beyond
   * them, a stream that can be resumed or begun anew is ended; where it can
   * not, log messages are left out. What waits is then at most one message more.
   * @default 524288
   */
  readonly maxUnreadBytes?: number;
  /** Streams of `subscriptions/listen`, and sessions with resource subscriptions, that one caller may hold. @default 20 */
  readonly maxSubscriptions?: number;
  /**
   * Likewise, that all callers together may hold at this instance. When they are
   * held, the oldest of an anonymous caller ends for one with a token; an
   * anonymous one is refused.
   * @default 1000
   */
  readonly maxSubscriptionsInTotal?: number;
  /**
   * Entries in one page of a list. Not every client asks for the second page.
   * @default 1000
   */
  readonly pageSize?: number;
  /** Size of the tool list, in approximate tokens, above which start-up warns. @default 20000 */
  readonly maxListTokens?: number;
}

/**
 * How clients of the revisions before 2026-07-28 are served.
 *
 * @publicApi
 */
export interface LegacyOptions {
  /**
   * Sessions of the 2025 era: without them, such clients can be asked nothing,
   * and told nothing later. Those of the 2026 era have none.
   * @default true
   */
  readonly sessions?: boolean | SessionOptions;
  /**
   * Serves HTTP+SSE of 2024-11-05 as well, for old clients, at `/sse` and
   * `/messages` or the paths given. Needs `sessions`.
   * @default false
   */
  readonly sse?: boolean | SsePathOptions;
}

/**
 * Which web pages may call the server, and by which names it may be reached.
 *
 * @publicApi
 */
export interface OriginOptions {
  /**
   * Origins of browser clients (`https://app.example.com`), beside the server's
   * own and, on a loopback bind, loopback. @default none
   */
  readonly allow?: readonly string[];
  /**
   * Host names the endpoint answers to, without port. @default loopback names
   * on a loopback bind, else any
   */
  readonly hosts?: readonly string[];
}

/**
 * Options of one MCP server. Every one is optional, and `forRootAsync` takes
 * every one from its factory.
 *
 * @publicApi
 */
export interface McpModuleOptions {
  /** Name of the server. @default `name` of the application's package.json */
  readonly name?: string;
  /** Version of the server. @default `version` of the application's package.json */
  readonly version?: string;
  /** Name of the server for people. */
  readonly title?: string;
  /** What the server is, in a sentence. */
  readonly description?: string;
  /** Where to read more about the server. */
  readonly websiteUrl?: string;
  readonly icons?: readonly Icon[];
  /** How to use the server, for the model; sent once per connection. */
  readonly instructions?: string;

  /** Path of the endpoint. @default `'/mcp'` */
  readonly path?: string;
  /** Whether the application's global prefix applies to the endpoint. @default true */
  readonly useGlobalPrefix?: boolean;

  /**
   * `'decorated'`: only what carries `@McpTool()`. `'all'`: every route, but
   * for those with `@McpHide()` or `@ApiExcludeEndpoint()`.
   * @default `'decorated'`
   */
  readonly expose?: 'decorated' | 'all';
  /** Only these become tools. @default everything that `expose` gives */
  readonly include?: ToolFilter;
  /** These never do, `include` notwithstanding. @default none */
  readonly exclude?: ToolFilter;
  /**
   * Names tools that `@McpTool()` gives no name; what it returns stays as it is.
   * @default `operationId`, else `<controller>_<method>`, of `A-Z a-z 0-9 _ -` and
   * shortened to 64 characters less those of `mcp__<name>__`
   */
  readonly toolName?: (context: ToolNameContext) => string;
  /**
   * Describes tools: called once for each at start-up, with what would stand
   * there otherwise. What it returns replaces that, and yields to the
   * description of `@McpTool()`.
   * @default that of `@ApiOperation`, else method and path
   */
  readonly toolDescription?: (context: ToolContext) => string | undefined;
  /**
   * Hints of tools: called once for each at start-up. Each one it returns
   * replaces the one derived from the HTTP method, and yields to that of
   * `@McpTool()`.
   * @default those of the HTTP method
   */
  readonly toolAnnotations?: (
    context: ToolContext,
  ) => ToolAnnotations | undefined;
  /**
   * Names of arguments that no tool of a route has, as the request has them:
   * in the query, the headers (in any case), the body or a form. The route
   * gets what it gets without them. A tool's own `inputSchema` has what it names.
   * @default what is global in the OpenAPI document, and headers for traces and
   * language, unless the method documents them by `@ApiHeader()`
   */
  readonly hideArguments?: readonly string[];
  /** Descriptions tell every documented response, with an example of each. @default false */
  readonly describeAllResponses?: boolean;
  /** Descriptions tell the JSON Schema of the success response, or of each one they tell. @default false */
  readonly describeFullResponseSchema?: boolean;
  /**
   * Tools advertise the `@ApiResponse` schema as their output schema. With
   * `true`, an answer that breaks it is sent all the same, and logged once for
   * each tool; with `'strict'` it is an error for the caller.
   * @default false
   */
  readonly outputSchema?: boolean | 'strict';
  /**
   * In what form tools advertise their input schemas. `'wide'`: what Claude,
   * OpenAI, Gemini and the LangChain adapters all take, with null by `anyOf`,
   * definitions at the root, enumerations with a type, and formats and patterns
   * that some of them refuse in the description. `'strict'`: the full JSON
   * Schema 2020-12. Calls are held to the full form either way, and a JSON
   * Schema that you give as `inputSchema` is advertised as you wrote it.
   * @default `'wide'`
   */
  readonly portability?: 'wide' | 'strict';

  /**
   * How long clients of 2026-07-28 may keep the lists; `'public'` is refused
   * where they depend on the caller.
   * @default not at all
   */
  readonly cache?: CacheOptions;
  /**
   * Milliseconds of silence after which something is sent over HTTP, so that no
   * proxy gives the connection up: a comment, which clients skip. The answer to
   * a call is an event stream from then on, where its client accepts one.
   * `false` or 0 sends none.
   * @default 15000
   */
  readonly keepAliveInterval?: number | false;
  /** What a call, a request, a list and a stream may take. */
  readonly limits?: LimitOptions;
  /**
   * How clients of the revisions before 2026-07-28 are served. `false` serves
   * none: they are told which revision is.
   * @default with sessions, and without HTTP+SSE
   */
  readonly legacy?: false | LegacyOptions;

  /**
   * Headers of the caller's request that a tool's route receives, in any case.
   * Cookies only when `'cookie'` is listed. @default `['authorization']`
   */
  readonly forwardHeaders?: readonly string[];

  /**
   * Who may come in: OAuth access tokens, for this server and with these
   * scopes. `false` leaves the server open and silences the warning about it.
   * @default open, with a warning beyond loopback
   */
  readonly auth?: McpAuthOptions | false;
  /**
   * Web pages and `Host` headers that are let in. `false` checks neither, with a
   * warning. @default the server's own; on a loopback bind, loopback's
   */
  readonly origins?: false | OriginOptions;
  /**
   * Secrets of 32 characters or more, for what is encrypted or signed: what a
   * call leaves with its client while it waits for an answer (`requestState`)
   * and, with `auth.authorizationServer`, its cookies and the tokens of the
   * provider. The first is used; the others are still accepted, so that one can
   * be replaced by adding. The same on every instance of the application.
   * @default one that this process makes; an authorization server needs its own
   * in production
   */
  readonly secrets?: readonly string[];
}
