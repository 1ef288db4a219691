mod clock;
mod conservation;
mod pot;
mod split;
