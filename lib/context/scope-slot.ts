import { AsyncLocalStorage } from 'node:async_hooks';

type Slots = Readonly<Record<symbol, unknown>>;

/** One for all slots: each storage costs something with every promise of the process. */
const storage = new AsyncLocalStorage<Slots>();

/** A value that everything finds which is run, however deep, while it holds. */
export class ScopeSlot<T> {
  private readonly key = Symbol();

  /** The value that holds here, if any. */
  get(): T | undefined {
    return storage.getStore()?.[this.key] as T | undefined;
  }

  /** Runs `serve` with the value, and with those of all other slots. */
  run<R>(value: T, serve: () => R): R {
    return storage.run({ ...storage.getStore(), [this.key]: value }, serve);
  }
}
