type ConnectionIds = { readonly [Name in 'mail' | 'slack' | 'http']: string };

/** Webhook → fetch → delay → e-mail and Slack message in parallel → merge → return. The delay is the test's time to strike. */
export const orderFlow = (connections: ConnectionIds, delay: `${number}s`): unknown => {
  const node = (id: string, kind: string, input: object, connectionId: string | null = null) => ({
    id,
    kind,
    title: id,
    input,
    connectionId,
  });
  const edge = (from: string, to: string) => ({ id: `${from}-${to}`, from, to });
  return {
    nodes: [
      node('order', 'trigger.webhook', {}),
      node(
        'customer',
        'http.request',
        { method: 'GET', url: '/customers/{{ trigger.body.customerId }}' },
        connections.http,
      ),
      node('pause', 'control.delay', { duration: delay }),
      node('both', 'control.parallel', {}),
      node(
        'email',
        'email.send',
        {
          to: '{{ steps.customer.output.body.email }}',
          subject: 'Order {{ trigger.body.orderId }}',
          text: 'It is on its way.',
        },
        connections.mail,
      ),
      node(
        'slack',
        'slack.postMessage',
        { channel: '#orders', text: 'Order {{ trigger.body.orderId }}' },
        connections.slack,
      ),
      node('join', 'control.merge', {}),
      node('done', 'control.return', { output: '{{ trigger.body.orderId }}' }),
    ],
    edges: [
      edge('order', 'customer'),
      edge('customer', 'pause'),
      edge('pause', 'both'),
      edge('both', 'email'),
      edge('both', 'slack'),
      edge('email', 'join'),
      edge('slack', 'join'),
      edge('join', 'done'),
    ],
  };
};
