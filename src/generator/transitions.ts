/** The behaviour of Sparkify's listeners as plain data, after the example configuration of Interana's eventsim. */

/** As whom the app sees someone; only `Logged In` and `Cancelled` have a user id. */
export type Auth = 'Guest' | 'Logged In' | 'Logged Out' | 'Cancelled';
/** What the subscription is at the moment of the event. */
export type Level = 'free' | 'paid';

/** The request behind each page. A status of 300-399 redirects: the event follows its cause within one second. */
export const pages = {
  NextSong: { method: 'PUT', status: 200 },
  Home: { method: 'GET', status: 200 },
  About: { method: 'GET', status: 200 },
  Help: { method: 'GET', status: 200 },
  Settings: { method: 'GET', status: 200 },
  Upgrade: { method: 'GET', status: 200 },
  Downgrade: { method: 'GET', status: 200 },
  Register: { method: 'GET', status: 200 },
  'Cancellation Confirmation': { method: 'GET', status: 200 },
  Login: { method: 'PUT', status: 307 },
  Logout: { method: 'PUT', status: 307 },
  Cancel: { method: 'PUT', status: 307 },
  'Save Settings': { method: 'PUT', status: 307 },
  'Submit Upgrade': { method: 'PUT', status: 307 },
  'Submit Downgrade': { method: 'PUT', status: 307 },
  'Submit Registration': { method: 'PUT', status: 307 },
  Error: { method: 'GET', status: 404 },
} as const;

/** A page that events are logged on. */
export type Page = keyof typeof pages;

/** Every auth whose events show who it is; of the others the app logs no person. */
export const shownAuths: readonly Auth[] = ['Logged In', 'Cancelled'];

/** A row of `firstPages`. */
export interface FirstPages {
  readonly auth: Auth;
  readonly level: Level;
  /** Weights, not probabilities. */
  readonly weights: Partial<Record<Page, number>>;
}

const loggedOutFirst = { Home: 1000, Login: 500, About: 10, Help: 10, Error: 1 };

/** The page a session begins with, by the auth and level the last one ended with. */
export const firstPages: readonly FirstPages[] = [
  { auth: 'Logged In', level: 'free', weights: { NextSong: 1500, Home: 1000, Help: 10, About: 5, Error: 1 } },
  { auth: 'Logged In', level: 'paid', weights: { NextSong: 1750, Home: 1000, About: 5, Help: 5, Error: 1 } },
  { auth: 'Logged Out', level: 'free', weights: loggedOutFirst },
  { auth: 'Logged Out', level: 'paid', weights: loggedOutFirst },
  { auth: 'Guest', level: 'free', weights: { Home: 100, Register: 30, About: 20, Help: 10, Error: 5 } },
];

/** A row of `transitions`: where to go from one state. */
export interface Transition {
  readonly auth: Auth;
  readonly level: Level;
  readonly page: Page;
  /** Probabilities, multiples of 1/10,000. What is missing to 1 is the chance that the session ends. */
  readonly to: Partial<Record<Page, number>>;
  /** The pages on whose arrival the auth or the level is another one. */
  readonly arrives?: Partial<Record<Page, { readonly auth?: Auth; readonly level?: Level }>>;
}

const toHome = (state: { readonly auth?: Auth; readonly level?: Level }) => ({ arrives: { Home: state } });

/** A state that is not listed ends its session. */
// biome-ignore format: a table reads better in rows.
export const transitions: readonly Transition[] = [
  { auth: 'Logged In', level: 'free', page: 'NextSong',
    to: { NextSong: 0.5, Home: 0.02, Logout: 0.02, Upgrade: 0.01, Help: 0.005, Settings: 0.005, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Home',
    to: { NextSong: 0.6, Settings: 0.02, Home: 0.01, Upgrade: 0.01, Logout: 0.01, About: 0.002, Help: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Settings',
    to: { NextSong: 0.3, 'Save Settings': 0.2, Home: 0.1, Settings: 0.1, Help: 0.05, Upgrade: 0.01, Logout: 0.01,
      Cancel: 0.005, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Upgrade',
    to: { NextSong: 0.325, 'Submit Upgrade': 0.3, Home: 0.1, Upgrade: 0.07, Logout: 0.01, Help: 0.006, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'About',
    to: { NextSong: 0.3, Home: 0.2, About: 0.05, Help: 0.01, Settings: 0.01, Logout: 0.01, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Help',
    to: { NextSong: 0.32, Home: 0.2, Help: 0.1, Settings: 0.05, Upgrade: 0.01, Logout: 0.01, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Error',
    to: { NextSong: 0.3, Home: 0.1, Logout: 0.01, Error: 0.01, Help: 0.002, About: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Save Settings', to: { Home: 0.65, Settings: 0.1, Error: 0.001 } },
  { auth: 'Logged In', level: 'free', page: 'Cancel',
    to: { 'Cancellation Confirmation': 0.999, Error: 0.001 }, arrives: { 'Cancellation Confirmation': { auth: 'Cancelled' } } },
  { auth: 'Logged In', level: 'free', page: 'Submit Registration', to: { Home: 0.999 } },
  { auth: 'Logged In', level: 'free', page: 'Submit Upgrade', to: { Home: 1 }, ...toHome({ level: 'paid' }) },
  { auth: 'Logged In', level: 'free', page: 'Logout', to: { Home: 1 }, ...toHome({ auth: 'Logged Out' }) },

  { auth: 'Logged In', level: 'paid', page: 'NextSong',
    to: { NextSong: 0.925, Home: 0.02, Logout: 0.01, Downgrade: 0.01, Help: 0.005, Settings: 0.005, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Home',
    to: { NextSong: 0.85, Settings: 0.02, Home: 0.01, Downgrade: 0.01, Logout: 0.01, About: 0.002, Help: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Settings',
    to: { NextSong: 0.6, 'Save Settings': 0.2, Help: 0.05, Home: 0.05, Settings: 0.05, Downgrade: 0.01, Logout: 0.01,
      Cancel: 0.005, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Downgrade',
    to: { NextSong: 0.63, Home: 0.1, Downgrade: 0.07, Logout: 0.01, 'Submit Downgrade': 0.01, Help: 0.006, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'About',
    to: { NextSong: 0.4, Home: 0.2, About: 0.05, Help: 0.01, Settings: 0.01, Logout: 0.01, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Help',
    to: { NextSong: 0.75, Home: 0.1, Help: 0.05, Settings: 0.02, Downgrade: 0.01, Logout: 0.01, About: 0.002, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Error',
    to: { NextSong: 0.2, Home: 0.1, Help: 0.01, Logout: 0.01, About: 0.001, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Save Settings', to: { Home: 0.8, Settings: 0.1, Error: 0.001 } },
  { auth: 'Logged In', level: 'paid', page: 'Cancel',
    to: { 'Cancellation Confirmation': 0.999, Error: 0.001 }, arrives: { 'Cancellation Confirmation': { auth: 'Cancelled' } } },
  { auth: 'Logged In', level: 'paid', page: 'Submit Downgrade', to: { Home: 0.999, Error: 0.001 }, ...toHome({ level: 'free' }) },
  { auth: 'Logged In', level: 'paid', page: 'Logout', to: { Home: 0.999, Error: 0.001 }, ...toHome({ auth: 'Logged Out' }) },

  { auth: 'Logged Out', level: 'free', page: 'Home', to: { Login: 0.5, About: 0.1, Home: 0.1, Help: 0.05, Error: 0.001 } },
  { auth: 'Logged Out', level: 'free', page: 'About', to: { Login: 0.4, Home: 0.3, About: 0.05, Help: 0.025, Error: 0.001 } },
  { auth: 'Logged Out', level: 'free', page: 'Help', to: { Login: 0.5, Home: 0.3, Help: 0.1, About: 0.0025, Error: 0.001 } },
  { auth: 'Logged Out', level: 'free', page: 'Login', to: { Home: 0.999, Error: 0.001 }, ...toHome({ auth: 'Logged In' }) },

  { auth: 'Logged Out', level: 'paid', page: 'Home', to: { Login: 0.3, About: 0.1, Home: 0.1, Help: 0.05, Error: 0.001 } },
  { auth: 'Logged Out', level: 'paid', page: 'About', to: { Home: 0.3, Login: 0.1, About: 0.05, Help: 0.05, Error: 0.001 } },
  { auth: 'Logged Out', level: 'paid', page: 'Help', to: { Home: 0.2, Help: 0.1, Login: 0.03, About: 0.0025, Error: 0.001 } },
  { auth: 'Logged Out', level: 'paid', page: 'Login', to: { Home: 0.999, Error: 0.001 }, ...toHome({ auth: 'Logged In' }) },

  { auth: 'Guest', level: 'free', page: 'Home', to: { Register: 0.3, About: 0.1, Home: 0.1, Help: 0.05, Error: 0.001 } },
  { auth: 'Guest', level: 'free', page: 'Register',
    to: { 'Submit Registration': 0.7, Home: 0.1, Register: 0.05, About: 0.02, Help: 0.01, Error: 0.001 },
    arrives: { 'Submit Registration': { auth: 'Logged In' } } },
];
