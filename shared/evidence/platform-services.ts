/** A service of the platform itself that calls vaults under an application id of its own, alike in every tenant. */
export type PlatformService = { appId: string; name: string; source: string };

const APP_SERVICE = 'https://learn.microsoft.com/azure/app-service/configure-ssl-certificate';
const CERTIFICATES = 'https://learn.microsoft.com/dotnet/api/microsoft.azure.management.appservice.fluent';
const FRONT_DOOR = 'https://learn.microsoft.com/azure/frontdoor/front-door-custom-domain-https';
const COSMOS = 'https://learn.microsoft.com/azure/cosmos-db/how-to-setup-customer-managed-keys';
const CUSTOMER_KEY = 'https://learn.microsoft.com/purview/customer-key-set-up';

/**
 * Only those whose id and use of Key Vault stand in public documents. Storage, SQL, disk encryption and the CSI driver call
 * with a managed identity of the customer's own, which no table can hold.
 */
const PLATFORM_SERVICES: readonly PlatformService[] = [
  { appId: 'abfa0a7c-a6b6-4736-8310-5855508787cd', name: 'Azure App Service', source: APP_SERVICE },
  { appId: '6a02c803-dafd-4136-b4c3-5a6f318b4714', name: 'Azure App Service (US Government)', source: APP_SERVICE },
  { appId: 'f3c21649-0979-4721-ac85-b0216b2cf413', name: 'App Service Certificates', source: CERTIFICATES },
  { appId: '205478c0-bd83-4e1b-a9d6-db63a3e1e1c8', name: 'Azure Front Door', source: FRONT_DOOR },
  { appId: 'd4631ece-daab-479b-be77-ccb713491fc0', name: 'Azure Front Door', source: FRONT_DOOR },
  { appId: 'a232010e-820c-4083-83bb-3ace5fc29d0b', name: 'Azure Cosmos DB', source: COSMOS },
  { appId: '57506a73-e302-42a9-b869-6f12d9ec29e9', name: 'Azure Cosmos DB (US Government)', source: COSMOS },
  {
    appId: '262044b1-e2ce-469f-a196-69ab7ada62d3',
    name: 'Azure Backup',
    source: 'https://learn.microsoft.com/azure/backup/backup-azure-vms-automation',
  },
  {
    appId: '00000012-0000-0000-c000-000000000000',
    name: 'Azure Rights Management',
    source: 'https://learn.microsoft.com/azure/information-protection/byok-price-restrictions',
  },
  { appId: '00000002-0000-0ff1-ce00-000000000000', name: 'Exchange Online', source: CUSTOMER_KEY },
  { appId: '00000003-0000-0ff1-ce00-000000000000', name: 'SharePoint Online', source: CUSTOMER_KEY },
  { appId: 'c066d759-24ae-40e7-a56f-027002b5d3e4', name: 'Microsoft 365 data at rest', source: CUSTOMER_KEY },
];

/** The platform's service of that application id; null for everyone else's applications. */
export function platformService(appId: string | null): PlatformService | null {
  if (appId === null) return null;
  return PLATFORM_SERVICES.find((service) => service.appId === appId.toLowerCase()) ?? null;
}
