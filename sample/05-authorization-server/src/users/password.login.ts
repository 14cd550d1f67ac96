import { Injectable } from '@nestjs/common';
import {
  type LoggedIn,
  type LoginForm,
  LoginService,
} from 'nestjs-mcp/authorization-server';
import { UsersService } from './users.service.js';

/** Logs people in: the library shows the page and asks this class. */
@Injectable()
export class PasswordLogin extends LoginService {
  constructor(private readonly users: UsersService) {
    super();
  }

  override async login({
    username = '',
    password = '',
  }: LoginForm): Promise<LoggedIn | null> {
    const user = await this.users.check(username, password);
    return user && { subject: user.id, displayName: user.name };
  }
}
