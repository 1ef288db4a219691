//! The report pool: where the runtime's collector looks for reports.

sp_api::decl_runtime_apis! {
	/// The layout of the report pool.
	#[api_version(1)]
	pub trait ReportPoolApi {
		/// The layout that the collector of this runtime reads: see `groma_core::pool_layout`. A
		/// node that writes another brings nothing on chain.
		fn layout() -> u32;
	}
}
