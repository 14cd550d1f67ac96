import type { ClientAuth } from '../auth/client-auth.js';
import type { TokenStore } from '../tokens/token.store.js';

/** How a failed connection or a safe call is tried again. @publicApi */
export interface McpClientRetryOptions {
  /** Attempts after the first. @default 2 */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled for each further one. Of each pause, a random half to all is waited. @default 200 */
  readonly delay?: number;
  /** Longest pause in milliseconds. @default 5000 */
  readonly maxDelay?: number;
}

/** Which tools of a server are called, and under which names. @publicApi */
export interface McpClientToolOptions {
  /** Names of the only tools that may be called. @default all */
  readonly include?: readonly string[];
  /** Names of tools that may not be called. @default none */
  readonly exclude?: readonly string[];
  /** Put before every name, to keep the tools of several servers apart. @default none */
  readonly prefix?: string;
}

/** A call that is about to be made. @publicApi */
export interface McpClientCall {
  /** Name of the server. */
  readonly server: string;
  /** Name of the tool, as the server knows it. */
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How a call went. @publicApi */
export interface McpClientCallOutcome extends McpClientCall {
  /** Milliseconds. */
  readonly duration: number;
  /** What was thrown; undefined where the call succeeded. */
  readonly error: unknown;
}

/** Run around every call of a tool. @publicApi */
export interface McpClientHookOptions {
  /** What it throws is thrown to the caller, and the call is not made. */
  readonly before?: (call: McpClientCall) => void | Promise<void>;
  /** What it throws is logged. */
  readonly after?: (outcome: McpClientCallOutcome) => void | Promise<void>;
}

/** A folder that the client shows to a server (MCP, Roots). @publicApi */
export interface McpClientRoot {
  /** `file:` URI. */
  readonly uri: string;
  readonly name?: string;
}

/** How to come by one server, and how it is called. @publicApi */
export interface McpClientServerOptions {
  /** Endpoint, an absolute http or https URL. Give one of `url`, `command` and `inProcess`. */
  readonly url?: string;
  /** Program to start and to speak with over standard input and output. */
  readonly command?: string;
  /** Arguments of `command`. @default none */
  readonly args?: readonly string[];
  /** Environment of `command`, beside what every program needs (`PATH`, `HOME`). @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder that `command` is started in. @default that of this process */
  readonly cwd?: string;
  /** A server of this application: its name or full path, or true for the only one. Its guards run. */
  readonly inProcess?: string | true;

  /**
   * With `url`: `'http'` is Streamable HTTP, `'sse'` the HTTP+SSE transport of
   * 2024-11-05. @default 'http'
   */
  readonly transport?: 'http' | 'sse';
  /**
   * `'modern'`: 2026-07-28. `'legacy'`: the revisions before it. `'auto'` asks
   * the server. @default 'auto'
   */
  readonly era?: 'auto' | 'modern' | 'legacy';

  /** What is sent along to be let in, with `url` and `inProcess`. @default nothing */
  readonly auth?: ClientAuth;
  /** Sent with every request. Credentials belong in `auth`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of headers of the current request that go with a call; never `Authorization` and cookies. @default none */
  readonly forwardHeaders?: readonly string[];
  /** Whether a call carries the trace of the current request. @default true */
  readonly traceContext?: boolean;

  /** Milliseconds that a request may take. @default 60000 */
  readonly timeout?: number;
  /** Milliseconds that connecting may take. @default 10000 */
  readonly connectTimeout?: number;
  /**
   * `'eager'` connects while the application starts, `'lazy'` at the first
   * call. @default 'lazy'
   */
  readonly connect?: 'lazy' | 'eager';
  /**
   * What happens where an eager connection fails: the start-up is stopped, or
   * the failure logged and tried again in the background. @default 'throw'
   */
  readonly onConnectError?: 'throw' | 'warn';
  /**
   * Connecting is tried again, and a call that is safe to repeat: where nothing
   * was sent, or the tool says `readOnlyHint` or `idempotentHint`.
   */
  readonly retry?: McpClientRetryOptions;
  /**
   * Milliseconds that a list without `ttlMs` of the server counts as fresh; a
   * change notification ends it. @default 60000
   */
  readonly cacheTtl?: number;

  /** Which tools are called, and under which names. */
  readonly tools?: McpClientToolOptions;
  /** Run around every call of a tool. */
  readonly hooks?: McpClientHookOptions;
  /** Folders that the server may ask for. @default none, and the client says so */
  readonly roots?:
    | readonly McpClientRoot[]
    | (() => readonly McpClientRoot[] | Promise<readonly McpClientRoot[]>);
  /** Least severe log messages that the server shall send. @default what the server sends */
  readonly logLevel?:
    | 'debug'
    | 'info'
    | 'notice'
    | 'warning'
    | 'error'
    | 'critical'
    | 'alert'
    | 'emergency';
}

/** Options of `McpClientModule.forRoot()`. @publicApi */
export interface McpClientModuleOptions {
  /** Servers by the name that `@InjectMcpClient()` has. */
  readonly servers?: Readonly<Record<string, McpClientServerOptions>>;
  /**
   * Path of a JSON file with `mcpServers`, as desktop clients have them:
   * `{ url, headers }` or `{ command, args, env }` by name, with `${VARIABLE}`
   * for the environment's. @default none
   */
  readonly file?: string;
  /** Name that servers are told. @default 'nestjs-mcp' */
  readonly name?: string;
  /** Version that servers are told. @default '1.0.0' */
  readonly version?: string;
  /** Where tokens are kept that classes in `auth` have got. @default in memory */
  readonly tokenStore?: TokenStore;
}
