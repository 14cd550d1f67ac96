import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { NOTES_KEY } from './notes-key.js';

/** Lets a request pass that carries `Authorization: Bearer <NOTES_KEY>`. */
@Injectable()
export class NotesKeyGuard implements CanActivate {
  constructor(@Inject(NOTES_KEY) private readonly key: string) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string } }>();
    const [, sent] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (!sent || !timingSafeEqual(digest(sent), digest(this.key))) {
      throw new UnauthorizedException(
        'Writing notes needs the header "Authorization: Bearer <key>", with the key that the server was started with.',
      );
    }
    return true;
  }
}

/** Gives both keys one length, which `timingSafeEqual` asks for. */
const digest = (text: string): Buffer =>
  createHash('sha256').update(text).digest();
