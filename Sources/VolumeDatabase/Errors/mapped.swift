// SPDX-License-Identifier: Apache-2.0

import Catalog
import Zarr

/// Runs what may fail in the catalog.
func inCatalog<Result>(_ body: () throws(CatalogError) -> Result) throws(DatabaseError) -> Result {
  do throws(CatalogError) { return try body() } catch { throw .catalog(error) }
}

/// Runs what may fail in a Zarr hierarchy.
///
/// - Parameter folder: The folder that keys are relative to, for the error.
func inZarr<Result>(
  _ folder: String, _ body: () throws(ZarrError) -> Result
) throws(DatabaseError) -> Result {
  do throws(ZarrError) { return try body() } catch { throw DatabaseError(error, in: folder) }
}
