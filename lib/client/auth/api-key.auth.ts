import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { TokenAuth } from './client-auth.js';
import type { TokenSource } from './bearer.auth.js';

/** Options of {@link ApiKeyAuth}. @publicApi */
export interface ClientApiKeyOptions {
  /** Header that carries the key. @default 'x-api-key' */
  readonly header?: string;
}

const API_KEY_KEYS: OptionKeys<ClientApiKeyOptions> = { header: 'name' };

/** Sends an API key in a header of its own. @publicApi */
export class ApiKeyAuth extends TokenAuth {
  readonly #key: TokenSource;
  private readonly header: string;

  /**
   * @param key or what gives it whenever a request is sent
   * @throws Error for a key or a header that cannot be
   */
  constructor(key: TokenSource, options: ClientApiKeyOptions = {}) {
    super();
    checkOptions('new ApiKeyAuth(key, …)', options, API_KEY_KEYS);
    this.#key = key;
    this.header = options.header ?? 'x-api-key';
    if (typeof key !== 'function' && (typeof key !== 'string' || key === '')) {
      throw new Error('ApiKeyAuth: the key is no text, or is empty.');
    }
    try {
      new Headers({ [this.header]: 'key' });
    } catch (cause) {
      throw new Error(
        `ApiKeyAuth: header is ${JSON.stringify(this.header)}, which is no name of a header.`,
        { cause },
      );
    }
  }

  protected override async token(): Promise<string> {
    const key = this.#key;
    return typeof key === 'function' ? await key() : key;
  }

  protected override stamp(headers: Headers, key: string): void {
    headers.set(this.header, key);
  }
}
