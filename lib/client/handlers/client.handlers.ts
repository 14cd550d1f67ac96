import { Injectable } from '@nestjs/common';
import type { ClientSettings } from '../config/client-settings.js';
import type { ClientAnswers } from './client-answers.js';

/** What the application answers the servers that it calls. */
@Injectable()
export class ClientHandlers {
  /** What is answered to one server. */
  answersOf(_server: string, { roots }: ClientSettings): ClientAnswers {
    return {
      capabilities: roots === undefined ? {} : { roots: {} },
      wantsListChanges: false,
      attach: (client) => {
        if (roots !== undefined) {
          client.setRequestHandler('roots/list', async () => ({
            roots: [...(typeof roots === 'function' ? await roots() : roots)],
          }));
        }
      },
      listChanged: () => undefined,
    };
  }
}
