const loopback = /^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether the browser warned on the way here no page can know: this is true either way. */
export function TrustHint() {
  if (!loopback.test(location.hostname)) return null;
  return (
    <p className="hint">
      Did the browser warn that this connection is not private? It does not know this host's own root yet.{" "}
      <code>npx trstctl trust install</code> ends that; the root can certify this machine's names only.
    </p>
  );
}
