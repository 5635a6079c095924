import type { TableSchema } from './language.ts';
import { typeNamed } from './values.ts';

/** `name: type` pairs as Kusto writes a schema. */
function columns(schema: string): TableSchema['columns'] {
  return schema
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => {
      const [name = '', type = ''] = pair.split(':');
      return { name, type: typeNamed(type) };
    });
}

/** Every column that the documentation lists. @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azkvauditlogs */
export const AZKV_AUDIT_LOGS: TableSchema = {
  name: 'AZKVAuditLogs',
  columns: columns(`
    AddressAuthorizationType:string, Algorithm:string, AppliedAssignmentId:string, _BilledSize:real, CallerIpAddress:string,
    CertificateIssuerProperties:dynamic, CertificatePolicyProperties:dynamic, CertificateProperties:dynamic,
    CertificateRequestProperties:dynamic, ClientInfo:string, CorrelationId:string, DurationMs:int, EnabledForDeployment:bool,
    EnabledForDiskEncryption:bool, EnabledForTemplateDeployment:bool, EnablePurgeProtection:bool,
    EnableRbacAuthorization:bool, EnableSoftDelete:bool, HsmPoolResourceId:string, HttpStatusCode:int, Id:string,
    Identity:dynamic, IsAccessPolicyMatch:bool, IsAddressAuthorized:bool, _IsBillable:string, IsRbacAuthorized:bool,
    KeyProperties:dynamic, NetworkAcls:dynamic, Nsp:dynamic, OperationName:string, OperationVersion:string,
    Properties:dynamic, RequestUri:string, _ResourceId:string, ResultDescription:string, ResultSignature:string,
    ResultType:string, SecretProperties:dynamic, Sku:dynamic, SoftDeleteRetentionInDays:int, SourceSystem:string,
    StorageAccountProperties:dynamic, StorageSasDefinitionProperties:dynamic, SubnetId:string, _SubscriptionId:string,
    TenantId:string, TimeGenerated:datetime, Tlsversion:string, TrustedService:string, Type:string, VaultProperties:dynamic`),
};

/** What the table has in every workspace, of the columns that a record of a vault fills. */
const COMMON = columns(`
  TenantId:string, TimeGenerated:datetime, ResourceId:string, Category:string, ResourceGroup:string, SubscriptionId:string,
  ResourceProvider:string, Resource:string, ResourceType:string, OperationName:string, OperationVersion:string,
  ResultType:string, ResultSignature:string, ResultDescription:string, CorrelationId:string, CallerIPAddress:string,
  DurationMs:long, Level:string, SourceSystem:string, Type:string, _ResourceId:string`);

/** What exists only after the workspace first saw the field. */
const SUFFIXED = columns(`
  httpStatusCode_d:real, requestUri_s:string, id_s:string, clientInfo_s:string, tlsVersion_s:string, isAccessPolicyMatch_b:bool,
  identity_claim_appid_g:string, identity_claim_appid_s:string, identity_claim_oid_g:string, identity_claim_oid_s:string,
  identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g:string,
  identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_s:string, identity_claim_upn_s:string,
  identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s:string, httpStatusCode_s:string,
  keyProperties_type_s:string, keyProperties_size_d:real, keyProperties_size_s:string, AdditionalFields:dynamic`);

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics */
export const AZURE_DIAGNOSTICS: TableSchema = { name: 'AzureDiagnostics', columns: [...COMMON, ...SUFFIXED] };

/** Of a workspace that no vault has sent a record to. */
export const BARE_AZURE_DIAGNOSTICS: TableSchema = { name: 'AzureDiagnostics', columns: COMMON };
