import { Link } from 'wouter';

/** The page of a link, without the link. */
export function NoToken() {
  return (
    <div>
      This page works only by a link made for you. Open it as it was sent, or{' '}
      <Link href="/sign-in" className="link">
        sign in
      </Link>
      .
    </div>
  );
}
