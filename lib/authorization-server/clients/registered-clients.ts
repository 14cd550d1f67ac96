import { randomBytes } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Adapter, ClientMetadata } from 'oidc-provider';
import {
  type OAuthClientInformation,
  type OAuthClientMetadata,
  OAuthClients,
} from '../../auth/issuer/oauth-clients.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { noteRemoval } from '../storage/sealed-value.js';
import { forgetUse, noteUse } from './client-lifetime.js';
import { clientIdOf } from './client-rules.js';
import { memberOfWrongType } from './client-types.js';
import { boundedMetadata, statedMembers } from './registration.limits.js';

/** The provider's own class, whose types leave out what makes and keeps clients. */
type ClientClass = Provider['Client'] & {
  readonly adapter: Adapter;
  new (metadata: object): { metadata(): ClientMetadata };
};

/** Ways in which clients identify themselves without one. */
const WITHOUT_SECRET: readonly unknown[] = ['none', 'private_key_jwt'];

/** Where clients are kept, once the server is ready. */
interface ClientParts {
  readonly provider: Provider;
  readonly store: OAuthStore;
}

/** The clients of one authorization server, for the application that it is part of. */
export class RegisteredClients extends OAuthClients {
  private parts: ClientParts | undefined;

  constructor(private readonly settings: AuthorizationServerSettings) {
    super();
  }

  use(parts: ClientParts): void {
    this.parts = parts;
  }

  override async register(
    metadata: OAuthClientMetadata,
  ): Promise<OAuthClientInformation> {
    const { store, clients } = this.ready();
    const { registration, lifetimes } = this.settings;
    const stated = boundedMetadata(statedMembers(metadata));
    const wrong = memberOfWrongType(stated);
    if (wrong !== undefined) {
      throw new Error(`OAuthClients.register(): ${wrong} has a wrong type.`);
    }
    const now = Math.floor(Date.now() / 1000);
    const { token_endpoint_auth_method: method = 'client_secret_basic' } =
      stated;
    const { secretExpirySeconds } = registration;
    const client = made(clients, {
      ...stated,
      client_id: clientIdOf(stated),
      client_id_issued_at: now,
      ...(!WITHOUT_SECRET.includes(method) && {
        client_secret: randomBytes(48).toString('base64url'),
        client_secret_expires_at:
          secretExpirySeconds > 0 ? now + secretExpirySeconds : 0,
      }),
    });
    // Before it is kept: how long depends on it.
    await noteUse(store, client.client_id, lifetimes.usedClient);
    await clients.adapter.upsert(
      client.client_id,
      client,
      lifetimes.usedClient,
    );
    return informationOf(client);
  }

  override async find(
    clientId: string,
  ): Promise<OAuthClientInformation | null> {
    const { clients } = this.ready();
    // The provider would fetch a document.
    const client = clientId.startsWith('https:')
      ? undefined
      : await clients.find(clientId);
    if (!client) {
      return null;
    }
    const { client_secret: _, ...told } = informationOf(client.metadata());
    return told;
  }

  override async remove(clientId: string): Promise<boolean> {
    const { store, clients } = this.ready();
    const { options } = this.settings;
    if (options.clients?.some((client) => client.clientId === clientId)) {
      throw new Error(
        `OAuthClients.remove("${clientId}"): this client is in ` +
          'authorizationServer.clients. Take it out there.',
      );
    }
    if ((await clients.adapter.find(clientId)) === undefined) {
      return false;
    }
    await noteRemoval(store, clientId);
    await clients.adapter.destroy(clientId);
    await forgetUse(store, clientId);
    return true;
  }

  private ready(): ClientParts & { readonly clients: ClientClass } {
    if (!this.parts) {
      throw new Error(
        'OAuthClients: the authorization server is not ready yet. Ask once ' +
          'the application has started.',
      );
    }
    return {
      ...this.parts,
      clients: this.parts.provider.Client as unknown as ClientClass,
    };
  }
}

/** @throws Error in the words of the provider, or of the rules for clients */
function made(clients: ClientClass, metadata: object): ClientMetadata {
  try {
    return new clients(metadata).metadata();
  } catch (cause) {
    const { error_description: description, message } = cause as {
      readonly error_description?: string;
      readonly message: string;
    };
    throw new Error(`OAuthClients.register(): ${description ?? message}.`, {
      cause,
    });
  }
}

function informationOf(client: ClientMetadata): OAuthClientInformation {
  return Object.fromEntries(
    Object.entries(client).filter(([, value]) => value !== undefined),
  ) as unknown as OAuthClientInformation;
}
