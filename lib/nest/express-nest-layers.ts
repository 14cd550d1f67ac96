import { type HttpServer, RequestMethod } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { knownExpress, type ExpressLayer } from './express-router.interface.js';

/** What Nest has put in an Express router. */
export type NestLayer = 'controller' | 'middleware';

type Registration = (...args: unknown[]) => unknown;

const layers = new WeakMap<ExpressLayer, NestLayer>();
const watched = new WeakSet<HttpServer>();

/** Undefined for what the application registered on the adapter, or on Express itself. */
export function nestLayerOf(layer: ExpressLayer): NestLayer | undefined {
  return layers.get(layer);
}

/**
 * Notes which layers of an Express router Nest registers for controllers and for
 * middleware. They could not be told later: agents that watch an application put
 * functions of their own in their place. To be called while modules are configured.
 */
export function noteNestLayers(adapter: HttpServer): void {
  const application = knownExpress(adapter.getInstance());
  if (application === undefined || watched.has(adapter)) return;
  watched.add(adapter);
  const noting = (kind: NestLayer, register: () => unknown): unknown => {
    const before = application.router.stack.length;
    const result = register();
    const added = application.router.stack.slice(before);
    for (const layer of added) layers.set(layer, kind);
    return result;
  };
  const methods = adapter as unknown as Record<string, Registration>;
  for (const name of verbs()) {
    const register = methods[name];
    if (typeof register !== 'function') continue;
    methods[name] = (...args) =>
      isControllerHandler(args.at(-1))
        ? noting('controller', () => register.apply(adapter, args))
        : register.apply(adapter, args);
  }
  const createFactory = methods['createMiddlewareFactory'] as Registration;
  methods['createMiddlewareFactory'] = async (...args) => {
    const register = (await createFactory.apply(adapter, args)) as Registration;
    return (...route: unknown[]) =>
      noting('middleware', () => register(...route));
  };
}

function verbs(): string[] {
  return Object.values(RequestMethod)
    .filter((name) => typeof name === 'string')
    .map((name) => name.toLowerCase());
}

/** Nest copies the metadata of a method to what it registers for it. */
function isControllerHandler(handler: unknown): boolean {
  return (
    typeof handler === 'function' && Reflect.hasMetadata(PATH_METADATA, handler)
  );
}
