import { describe, expect, it } from 'vitest';
import { parseIpAddress } from './ip-address.ts';
import { addressBudget, clientAddress, trustedProxiesSchema } from './trusted-proxies.ts';

const trusting = (text?: string) => trustedProxiesSchema.parse(text);

describe('an address', () => {
  it.each([
    ['127.0.0.1', 4, 0x7f00_0001n],
    ['255.255.255.255', 4, 0xffff_ffffn],
    ['::', 6, 0n],
    ['::1', 6, 1n],
    ['2001:db8::1', 6, 0x2001_0db8_0000_0000_0000_0000_0000_0001n],
    ['2001:DB8:0:0:0:0:0:1', 6, 0x2001_0db8_0000_0000_0000_0000_0000_0001n],
    ['fe80::1%eth0', 6, 0xfe80_0000_0000_0000_0000_0000_0000_0001n],
    ['::ffff:192.0.2.1', 4, 0xc000_0201n],
    ['::ffff:c000:201', 4, 0xc000_0201n],
    ['64:ff9b::192.0.2.1', 6, 0x0064_ff9b_0000_0000_0000_0000_c000_0201n],
    ['1:2:3:4:5:6:7::', 6, 0x0001_0002_0003_0004_0005_0006_0007_0000n],
  ])('%s is read', (text, family, bits) => {
    expect(parseIpAddress(text)).toEqual({ family, bits });
  });

  it.each([
    '',
    'localhost',
    'unknown',
    '127.1',
    '127.0.0.01',
    '0x7f.0.0.1',
    '256.0.0.1',
    '1.2.3.4.5',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    ':::',
    '12345::',
    'g::1',
    '::ffff:256.0.0.1',
    '::1 ',
    '[::1]',
    '127.0.0.1:80',
  ])('“%s” is none', (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });
});

describe('the setting', () => {
  it('trusts this machine when it says nothing, and nobody when it says none', () => {
    const peer = '127.0.0.1';
    expect(clientAddress({ peer, forwardedFor: '192.0.2.1', trusted: trusting() })).toBe('192.0.2.1');
    expect(clientAddress({ peer: '::1', forwardedFor: '192.0.2.1', trusted: trusting() })).toBe('192.0.2.1');
    expect(clientAddress({ peer, forwardedFor: '192.0.2.1', trusted: trusting('none') })).toBe(peer);
  });

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/x', 'proxy.internal', '10.0.0.1,,', '*', '10.0.0.1;10.0.0.2'])(
    'refuses “%s” and says how to write it',
    (text) => {
      const { success, error } = trustedProxiesSchema.safeParse(text);
      expect(success).toBe(false);
      expect(error?.issues[0]?.message).toContain('is neither an address nor a network. Write 10.0.0.5');
    },
  );
});

describe('the sender', () => {
  const trusted = trusting('10.0.0.0/8, 2001:db8:1::/48, 192.0.2.7');

  it.each<[what: string, peer: string, forwardedFor: string | undefined, sender: string]>([
    ['is the peer, when nothing is said', '203.0.113.9', undefined, '203.0.113.9'],
    ['is the peer, whatever a stranger says', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['is the peer, whatever a stranger says of our proxies', '203.0.113.9', '10.0.0.1, 10.0.0.2', '203.0.113.9'],
    ['is whom our proxy saw', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['is the rightmost that is no proxy of ours', '10.0.0.1', '198.51.100.1, 203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['is not who they claim to be', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['cannot hide behind a claim to be a proxy', '10.0.0.1', '198.51.100.1, 10.9.9.9, 203.0.113.9', '203.0.113.9'],
    ['is the leftmost, when all are ours', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['is our proxy, when it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['is our proxy, when what it says is no address', '10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
    ['is our proxy, when it says nothing after a comma', '10.0.0.1', '198.51.100.1,', '10.0.0.1'],
    ['is found beside its port', '10.0.0.1', '203.0.113.9:51234', '203.0.113.9'],
    ['is found in brackets', '10.0.0.1', '[2001:db8:2::1]:443', '2001:db8:2::1'],
    ['is found behind a mapped peer', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['is found behind an IPv6 proxy', '2001:db8:1::5', '2001:db8:2::1', '2001:db8:2::1'],
    ['is found behind one exact address', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['is a neighbour of that address', '192.0.2.8', '203.0.113.9', '192.0.2.8'],
    ['is whoever calls without a socket', 'unknown', '203.0.113.9', 'unknown'],
  ])('%s', (_what, peer, forwardedFor, sender) => {
    expect(clientAddress({ peer, forwardedFor, trusted })).toBe(sender);
  });
});

describe('a budget', () => {
  it('is one for each spelling of an address', () => {
    expect(addressBudget('::ffff:192.0.2.1')).toBe(addressBudget('192.0.2.1'));
    expect(addressBudget('192.0.2.1')).not.toBe(addressBudget('192.0.2.2'));
  });

  it('is one for an IPv6 customer, who owns 2^64 addresses', () => {
    expect(addressBudget('2001:db8::1')).toBe(addressBudget('2001:db8::ffff:2'));
    expect(addressBudget('2001:db8::1')).not.toBe(addressBudget('2001:db8:0:1::1'));
  });
});
