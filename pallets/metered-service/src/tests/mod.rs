mod channels;
mod conservation;
mod grace;
mod overdraw;
mod sweep;
mod unreadable;
mod views;
mod vouchers;
