import { Injectable } from '@nestjs/common';
import {
  type LoggedIn,
  type LoginForm,
  LoginService,
} from 'nestjs-mcp/authorization-server';

/** Uses the entry point without the packages that a running server needs. */
@Injectable()
export class DemoLogin extends LoginService {
  login({ username = '' }: LoginForm): Promise<LoggedIn | null> {
    return Promise.resolve(username === '' ? null : { subject: username });
  }
}
