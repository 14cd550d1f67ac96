import type {
  LoggingLevel,
  Notification,
  RequestId,
  RequestMeta,
  Server,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../../invocation/call/client-channel.interface.js';
import { Cancellation } from '../../../invocation/call/cancellation.js';
import type { RequestContext } from '../../call-request.interface.js';

/** What a plain call has for the SDK's context of a request; what it tells the client goes by the SDK's server. */
export class PlainContext implements RequestContext {
  readonly cancellation = new Cancellation();
  readonly mcpReq: PlainRequest;

  constructor(
    era: ProtocolEra,
    id: RequestId,
    meta: RequestMeta | undefined,
    server: Server,
  ) {
    this.mcpReq = new PlainRequest(era, id, meta, server, this.cancellation);
  }
}

type SdkRequest = RequestContext['mcpReq'];

class PlainRequest implements SdkRequest {
  readonly method = 'tools/call';

  constructor(
    private readonly era: ProtocolEra,
    readonly id: RequestId,
    readonly _meta: RequestMeta | undefined,
    private readonly server: Server,
    private readonly cancellation: Cancellation,
  ) {}

  get envelope(): SdkRequest['envelope'] {
    return this.era === 'modern' ? this._meta : undefined;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  requestState(): undefined {
    return undefined;
  }

  /** A legacy client without a session has set no level, a modern one would have set it in its request. */
  async log(
    level: LoggingLevel,
    data: unknown,
    logger?: string,
  ): Promise<void> {
    if (this.era === 'legacy') {
      await this.notify({
        method: 'notifications/message',
        params: { level, data, logger },
      });
    }
  }

  notify(notification: Notification): Promise<void> {
    return this.server.notification(notification, {
      relatedRequestId: this.id,
    });
  }
}
