import { IncomingMessage, ServerResponse } from 'node:http';

/** What inner requests and responses are made as. */
export interface InnerClasses {
  readonly Request: typeof IncomingMessage;
  readonly Response: typeof ServerResponse<IncomingMessage>;
}

/** Node's own, to which Express gives its prototypes itself. */
export function innerClasses(): InnerClasses {
  return { Request: IncomingMessage, Response: ServerResponse };
}
