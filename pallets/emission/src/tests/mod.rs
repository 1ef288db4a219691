mod clock;
mod conservation;
mod pot;
mod reminted;
mod split;
