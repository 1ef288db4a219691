mod channels;
mod conservation;
mod overdraw;
mod sweep;
mod views;
mod vouchers;
