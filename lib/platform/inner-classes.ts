import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** What inner requests and responses are made as. */
export interface InnerClasses {
  readonly Request: typeof IncomingMessage;
  readonly Response: typeof ServerResponse<IncomingMessage>;
}

/** What they inherit from in Express, which gives it to every request itself. */
export interface InnerPrototypes {
  readonly request: object;
  readonly response: object;
}

type Constructor = abstract new (...args: never[]) => object;

/**
 * Node's classes, or such as have Express's prototypes from the start. V8
 * shares no hidden class between objects that were given another prototype
 * later: each property that is set on them from then on makes one, which takes
 * more time than the route does.
 */
export function innerClasses(prototypes?: InnerPrototypes): InnerClasses {
  const node: InnerClasses = {
    Request: IncomingMessage,
    Response: ServerResponse,
  };
  if (!prototypes) {
    return node;
  }
  const Request = withPrototype(prototypes.request, IncomingMessage);
  const Response = withPrototype(prototypes.response, ServerResponse);
  try {
    const request = new Request(new Socket());
    new Response(request).destroy();
    return { Request, Response };
  } catch {
    // Where Node's constructors are classes, they cannot be applied.
    return node;
  }
}

function withPrototype<C extends Constructor>(prototype: object, Base: C): C {
  function Born(this: object, ...args: unknown[]): void {
    Reflect.apply(Base as unknown as () => void, this, args);
  }
  Born.prototype = prototype;
  return Born as unknown as C;
}
