const desktops = [
  'Windows NT 10.0; Win64; x64',
  'Windows NT 6.1; Win64; x64',
  'Macintosh; Intel Mac OS X 10_13_6',
  'Macintosh; Intel Mac OS X 10_14_0',
  'X11; CrOS x86_64 10895.78.0',
  'Linux; Android 8.0.0; SM-G950F',
];
const chromes = ['66.0.3359.181', '67.0.3396.99', '68.0.3440.106', '69.0.3497.100', '70.0.3538.67', '70.0.3538.77'];
const firefoxDesktops = ['Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10.13', 'X11; Fedora; Linux x86_64'];
const firefoxes = ['52.0', '60.0', '61.0', '62.0', '63.0'];
const macSafaris = ['11.1.2', '12.0', '12.0.1'];
const appleDevices = [
  'iPhone; CPU iPhone OS 11_4_1 like Mac OS X',
  'iPhone; CPU iPhone OS 12_0 like Mac OS X',
  'iPad; CPU OS 12_0 like Mac OS X',
];

/** What browsers of 2018 sent. As in the app's logs those with a comma stand in quotes of their own. */
export const userAgents: readonly string[] = [
  ...desktops.flatMap((system) =>
    chromes.map(
      (version) => `"Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36"`,
    ),
  ),
  ...firefoxDesktops.flatMap((system) =>
    firefoxes.map((version) => `Mozilla/5.0 (${system}; rv:${version}) Gecko/20100101 Firefox/${version}`),
  ),
  ...macSafaris.map(
    (version) =>
      `"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15"`,
  ),
  ...appleDevices.flatMap((device) =>
    ['11.0', '12.0'].map(
      (version) =>
        `"Mozilla/5.0 (${device}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Mobile/15E148 Safari/604.1"`,
    ),
  ),
  'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; Touch; rv:11.0) like Gecko',
];
